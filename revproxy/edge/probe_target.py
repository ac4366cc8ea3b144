"""
A server, as a health check reaches it.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from zope.interface import implementer

from revproxy.interfaces import IProbeTarget


@implementer(IProbeTarget)
class ProbeTarget:
    """
    Opens connections of a check's own to one server.
    """

    def __init__(
        self,
        name: str,
        authority: bytes,
        host: str,
        port: int,
        endpoint: Callable[[int], IStreamClientEndpoint],
    ) -> None:
        """
        @param endpoint: gives the endpoint at a port; it speaks TLS where exchanges do.
        """
        self.name = name
        self.authority = authority
        self.host = host
        self.port = port
        self._endpoint = endpoint

    def connect(self, factory: IProtocolFactory, port: int | None = None) -> Deferred[IProtocol]:
        """
        Implement L{IProbeTarget.connect}.
        """
        if isinstance(factory, Factory):
            factory.noisy = False  # Twisted would log the beginning and the end of each check.
        connecting: Deferred[IProtocol] = self._endpoint(port or self.port).connect(factory)
        return connecting
