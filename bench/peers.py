"""
The proxies that are compared.
"""

from bench.installed_peers import Apache, Caddy, HAProxy, Nginx
from bench.peer import Peer
from bench.twisted_peers import Revproxy, StockTwisted

PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (Nginx(), HAProxy(), Caddy(), Apache(), StockTwisted(), Revproxy("revproxy-epoll", "epoll"))
}
"""
Each by its name, in the order of the table's columns.
"""

OURS = [name for name, peer in PEERS.items() if isinstance(peer, Revproxy)]
"""
The names under which revproxy itself is measured; the rest are its peers.
"""
