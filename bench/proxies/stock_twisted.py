"""
The proxy that Twisted brings.
"""

from importlib.metadata import version

from typing_extensions import override

from bench.peer import Peer, Place
from bench.proxies.twistd import twistd


class StockTwisted(Peer):
    """
    C{twisted.web.proxy.ReverseProxyResource}.

    It adds no fields, opens a connection to the origin for each request, and holds bodies whole.
    """

    name = "stock-twisted"
    unable = {
        "resumption": "resumes no sessions",
        "upgrades": "relays no upgrades",
        "routes": "not set up for these rows",
        "servers": "relays to one server",
        "cache": "has no cache",
    }
    template = """\
from twisted.application.service import Application, MultiService
from twisted.application.strports import service
from twisted.web.proxy import ReverseProxyResource
from twisted.web.server import Site

site = Site(ReverseProxyResource("127.0.0.1", @origin@, b""))
site.noisy = False
both = MultiService()
service("tcp:@plain@:interface=127.0.0.1", site).setServiceParent(both)
service("ssl:@tls@:interface=127.0.0.1:certKey=@certificate@:privateKey=@key@", site).setServiceParent(both)
application = Application("stock")
both.setServiceParent(application)
"""

    @override
    def version(self) -> str | None:
        """
        Implement L{Peer.version}.
        """
        return version("twisted")

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        return [*twistd("epoll"), "-oy", str(place.write("stock.tac", self.template))]
