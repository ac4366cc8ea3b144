"""
The proxies that are compared.
"""

from bench.peer import Peer
from bench.proxies.apache import Apache
from bench.proxies.caddy import Caddy
from bench.proxies.haproxy import HAProxy
from bench.proxies.mitmproxy import Mitmproxy
from bench.proxies.nginx import Nginx
from bench.proxies.revproxy import Revproxy
from bench.proxies.stock_twisted import StockTwisted
from bench.proxies.varnish import Varnish

PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        Nginx(),
        HAProxy(),
        Caddy(),
        Apache(),
        Varnish(),
        StockTwisted(),
        Mitmproxy(),
        Revproxy("revproxy-epoll", "epoll"),
        Revproxy("revproxy", None),
    )
}
"""
Each by its name, in the order of the table's columns.
"""

OURS = [name for name, peer in PEERS.items() if isinstance(peer, Revproxy)]
"""
The names under which revproxy itself is measured; the rest are its peers.
"""

YARDSTICK = "nginx"
"""
The peer with which revproxy is compared by name.
"""
