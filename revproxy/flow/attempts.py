"""
Which servers an exchange is tried at, one after another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from revproxy.errors import ExchangeError, UpstreamGone
from revproxy.exchange import Exchange
from revproxy.flow.server import Server
from revproxy.flow.unforeseen import ConnectingFailed
from revproxy.flow.upstream import Upstream
from revproxy.interfaces import IUpstreamConnection

_IDEMPOTENT = frozenset((b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"))

log = Logger(__name__)


class Attempts:
    """
    Chooses a server, gets a connection to it, and says whether to try again.

    @ivar server: the server that the exchange is at now; it counts as busy with it.
    """

    __slots__ = ("_exchange", "_failed", "_fresh_only", "_ready", "_tried", "_upstream", "_waiting", "server")

    def __init__(self, exchange: Exchange, upstream: Upstream) -> None:
        self.server: Server | None = None
        self._exchange = exchange
        self._upstream = upstream
        self._ready: Callable[[IUpstreamConnection], None] | None = None
        self._failed: Callable[[ExchangeError], None] | None = None
        self._tried: tuple[Server, ...] = ()
        self._fresh_only = False
        self._waiting: Deferred[Any] | None = None

    def begin(self) -> IUpstreamConnection | None:
        """
        Go to the next server.

        @return: a connection that was used before and waits for the request; where
            there is none, L{connect} is to follow.
        @raise NoServer: where there is no server.
        """
        exchange = self._exchange
        self.server = server = self._upstream.pick(exchange, self._tried)
        server.occupy()
        exchange.server = server.name
        exchange.tries += 1
        return None if self._fresh_only else server.take()

    def connect(
        self, ready: Callable[[IUpstreamConnection], None], failed: Callable[[ExchangeError], None]
    ) -> None:
        """
        Make a connection to the server.

        @param ready: called with a connection that waits for the request.
        @param failed: called where the server cannot be connected to.
        """
        assert self.server is not None
        self._ready, self._failed = ready, failed
        self._waiting = waiting = self.server.connect()
        waiting.addCallbacks(self._connected, self._not_connected)

    def release(self) -> None:
        """
        Let go of the server, whose part is over.
        """
        if self.server is not None:
            self.server.vacate()
            self.server = None

    def finish(self) -> None:
        """
        No other attempt will follow.
        """
        self._ready = self._failed = None
        self.release()

    def cancel(self) -> None:
        """
        Give up: nobody is called back any more.
        """
        self.finish()
        if self._waiting is not None:
            self._waiting.cancel()

    def another_may_follow(self, error: ExchangeError, connection: IUpstreamConnection | None) -> bool:
        """
        Decide whether the exchange may go to a server once more, and let go of the
        one that failed.

        Where the server saw nothing of the request, another is tried.  Where it
        closed a connection that was used before, it most probably saw nothing
        either; an idempotent request without a body is sent again on a new one (RFC
        9110 section 9.2.2, RFC 9112 section 9.3.1).

        @param connection: the one that failed, C{None} where none was made.
        """
        server = self.server
        self.release()
        if error.retry_safe and server is not None:
            self._tried += (server,)
            return True
        request = self._exchange.request
        if (
            isinstance(error, UpstreamGone)
            and connection is not None
            and connection.used
            and request.method in _IDEMPOTENT
            and not request.length
        ):
            self._fresh_only = True
            return True
        return False

    def _connected(self, connection: IUpstreamConnection) -> None:
        self._waiting = None
        if self._ready is None:
            connection.drop()
        else:
            self._ready(connection)

    def _not_connected(self, failure: Failure) -> None:
        self._waiting = None
        if self._failed is None:
            return
        error = failure.value
        if not isinstance(error, ExchangeError):
            log.failure("connecting to {server} failed", failure, server=self._exchange.server)
            error = ConnectingFailed(str(error))
        self._failed(error)
