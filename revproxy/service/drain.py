"""
Waiting for what is under way when the proxy stops.
"""

from __future__ import annotations

from collections.abc import Collection

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from revproxy.edge.client_connection import ClientConnection

_LOOK = 0.1
_PATIENCE = 1.0


class Drain:
    """
    Waits until the connections are gone, and cuts those that stay too long.
    """

    _log = Logger()

    def __init__(
        self, connections: Collection[ClientConnection], clock: IReactorTime, seconds: float
    ) -> None:
        """
        @param connections: those that are open, as they come and go.
        @param seconds: how long to wait for them.
        """
        self._connections = connections
        self._seconds = clock.seconds
        self._ends = clock.seconds() + seconds
        self._cut = False
        self._looking = LoopingCall(self._look)
        self._looking.clock = clock

    def wait(self) -> Deferred[LoopingCall]:
        """
        @return: fires when no connection is left.
        """
        return self._looking.start(_LOOK)

    def _look(self) -> None:
        late = self._seconds() - self._ends
        if not self._connections or late >= _PATIENCE:
            self._looking.stop()
        elif late >= 0 and not self._cut:
            self._cut = True
            self._log.warn(
                "{count} connections are cut at the end of drain_timeout", count=len(self._connections)
            )
            for connection in list(self._connections):
                connection.abort()
