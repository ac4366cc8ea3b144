"""
The proxies that run under C{twistd}: revproxy, and the one that Twisted brings.
"""

import sys
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from typing_extensions import override

from bench.peer import Peer, Place

CHECKOUT = Path(__file__).resolve().parent.parent
"""
What is measured is the code beside this package, whatever else is installed.
"""


def twistd(reactor: str | None) -> list[str]:
    """
    Say how C{twistd} is called, up to the command that it is to run.

    @param reactor: the reactor's name, or L{None} for the default one.
    """
    chosen = [] if reactor is None else [f"--reactor={reactor}"]
    return [
        str(Path(sys.executable).with_name("twistd")),
        *chosen,
        "-n",
        "--pidfile=",
        "--logfile=twistd.log",
    ]


class StockTwisted(Peer):
    """
    C{twisted.web.proxy.ReverseProxyResource}.
    """

    name = "stock-twisted"
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


class Revproxy(Peer):
    """
    What all this is about.
    """

    template = """\
listeners:
  plain:
    endpoint: tcp:@plain@:interface=127.0.0.1
  secure:
    endpoint: tcp:@tls@:interface=127.0.0.1
    tls:
      certificates: [{certificate: @certificate@, key: @key@}]
      sessions: none
upstreams:
  origin:
    servers: [http://127.0.0.1:@origin@]
    connections: {requests: 100000000}
routes:
  - {upstream: origin}
limits: {requests: 100000000}
access_log: null
"""

    def __init__(self, name: str, reactor: str | None) -> None:
        """
        @param reactor: the name of the reactor to run on, or L{None} for revproxy's own choice.
        """
        self.name = name
        self._reactor = reactor

    @override
    def version(self) -> str | None:
        """
        Implement L{Peer.version}.
        """
        return "of this checkout" if find_spec("revproxy.tap") else None

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        return [
            *twistd(self._reactor),
            "revproxy",
            "--config",
            str(place.write("revproxy.yaml", self.template)),
        ]

    @override
    def environment(self, place: Place) -> Mapping[str, str]:
        """
        Implement L{Peer.environment}.
        """
        return {"PYTHONPATH": str(CHECKOUT), "XDG_STATE_HOME": str(place.directory)}
