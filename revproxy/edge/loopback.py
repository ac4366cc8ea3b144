"""
Connecting to this machine by its name.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.python.failure import Failure
from zope.interface import implementer


@implementer(IStreamClientEndpoint)
class LoopbackEndpoint:
    """
    C{localhost}: a server may listen at 127.0.0.1, at ::1 or at both, and is one all the
    same.  Where it was connected to last it is tried first.
    """

    def __init__(self, endpoints: Sequence[IStreamClientEndpoint]) -> None:
        """
        @param endpoints: one for each address.
        """
        self._endpoints = list(endpoints)

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """
        Implement L{IStreamClientEndpoint.connect}.
        """
        return self._connect(protocolFactory, list(self._endpoints))

    def _connect(
        self, factory: IProtocolFactory, endpoints: list[IStreamClientEndpoint]
    ) -> Deferred[IProtocol]:
        endpoint = endpoints.pop(0)
        attempt: Deferred[IProtocol] = endpoint.connect(factory)
        return attempt.addCallbacks(
            self._connected, self._failed, (endpoint,), errbackArgs=(factory, endpoints)
        )

    def _connected(self, protocol: IProtocol, endpoint: IStreamClientEndpoint) -> IProtocol:
        self._endpoints.sort(key=lambda each: each is not endpoint)
        return protocol

    def _failed(
        self, failure: Failure, factory: IProtocolFactory, endpoints: list[IStreamClientEndpoint]
    ) -> Failure | Deferred[IProtocol]:
        if not endpoints or failure.check(ConnectError) is None:
            return failure
        return self._connect(factory, endpoints)
