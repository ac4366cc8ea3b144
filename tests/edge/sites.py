"""
A stock site of C{twisted.web} on an in-memory transport.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress, IProtocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.resource import IResource
from twisted.web.server import Request, Site
from typing_extensions import override
from zope.interface import implementer

from revproxy.edge.site import DEFAULTS, SiteSettings, render_exchange
from revproxy.exchange import Exchange
from tests.fakes import RecordingResource


@implementer(IResource)
class SiteLeaf(RecordingResource):
    """
    Is rendered as our resources are in a site of somebody else's.

    @ivar requests: what it was given to render.
    """

    settings: SiteSettings = DEFAULTS

    def __init__(self, answer: Callable[[Exchange], None] | None = None) -> None:
        super().__init__(answer)
        self.requests: list[Request] = []

    @override
    def render(self, request: Request) -> int | bytes:
        self.requests.append(request)
        return render_exchange(self, request, self.settings)


class SiteClient:
    """
    A client of a site.

    @ivar transport: what the site writes to.
    """

    def __init__(self, root: object, client: IAddress | None = None) -> None:
        self.clock = Clock()
        self.transport = StringTransport(
            IPv4Address("TCP", "192.0.2.1", 8080), client or IPv4Address("TCP", "192.0.2.7", 50000)
        )
        self._channel = cast(IProtocol, Site(root, reactor=self.clock).buildProtocol(client))
        self._channel.makeConnection(self.transport)

    def send(self, *lines: bytes, body: bytes = b"") -> None:
        """
        Send a request; C{lines} are its head.
        """
        self._channel.dataReceived(b"\r\n".join([*lines, b"", b""]) + body)

    def take(self) -> bytes:
        """
        What the site has written since this was asked last.
        """
        written: bytes = self.transport.value()
        self.transport.clear()
        return written

    def leave(self) -> None:
        """
        Close the connection, as a reactor tells it.
        """
        self._channel.connectionLost(Failure(ConnectionDone()))

    def hesitate(self) -> None:
        """
        Read nothing, until the transport's buffer is full.
        """
        assert self.transport.producer is not None
        self.transport.producer.pauseProducing()

    def catch_up(self) -> None:
        """
        Read what was buffered.
        """
        assert self.transport.producer is not None
        self.transport.producer.resumeProducing()
