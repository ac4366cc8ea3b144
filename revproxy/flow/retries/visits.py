"""
Going to the servers that are chosen for an exchange, one after another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from revproxy.errors import ExchangeError, QueueTimeout
from revproxy.exchange import Exchange
from revproxy.flow.deadline import Deadline
from revproxy.flow.pool.queue import Waiting
from revproxy.flow.pool.server import Server
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.unforeseen import ConnectingFailed, as_exchange_error
from revproxy.interfaces import IUpstreamConnection

log = Logger(__name__)


class Visits:
    """
    Has a server chosen, waits for one with room where none has, and gets a connection to
    it.

    @ivar server: the server that the exchange is at now; it counts as busy with it.
    @ivar late: called when a single try has taken as long as it may; only where that is
        limited.
    @ivar _began: when the server was chosen, where anybody wants to know.
    @ivar _call: the next try, where it has to wait.
    @ivar _fresh_only: whether connections that were used before are of no use.
    @ivar _place: that in the queue for a server with room.
    @ivar _status: that of the server's response, once it is known and anybody wants to know.
    @ivar _tried: the servers that it does not come back to.
    @ivar _waiting: the connection that is being made.
    """

    __slots__ = (
        "_began", "_call", "_clock", "_deadline", "_exchange", "_failed", "_fresh_only", "_place", "_ready",
        "_status", "_tried", "_upstream", "_waiting", "late", "server",
    )  # fmt: skip

    def __init__(self, exchange: Exchange, upstream: Upstream, clock: IReactorTime) -> None:
        self.late: Callable[[], None] | None = None
        self.server: Server | None = None
        self._clock = clock
        self._exchange = exchange
        self._upstream = upstream
        self._ready: Callable[[IUpstreamConnection], None] | None = None
        self._failed: Callable[[ExchangeError], None] | None = None
        self._tried: tuple[Server, ...] = ()
        self._fresh_only = False
        self._status = 0
        self._began = 0.0
        self._call: IDelayedCall | None = None
        self._deadline: Deadline | None = None
        self._place: Waiting | None = None
        self._waiting: Deferred[Any] | None = None

    @property
    def visited(self) -> tuple[Server, ...]:
        """
        The servers that were tried, and the one that is.
        """
        return self._tried if self.server is None else (*self._tried, self.server)

    def follow(self, other: Visits) -> None:
        """
        Keep away from the servers that another is, or was, at.
        """
        self._tried = other.visited

    def go_on_without(self, server: Server) -> None:
        """
        The one that was asked, too, is out: it is not asked again.
        """
        self._tried += (server,)
        if self.server is not None:
            self._exchange.server = self.server.name

    def begin(self) -> IUpstreamConnection | None:
        """
        Go to the next server.

        @return: a connection that was used before and waits for the request; where
            there is none, L{go_on} is to follow.
        @raise NoServer: where there is no server.
        """
        server = self._upstream.pick(self._exchange, self._tried)
        return None if server is None else self._go_to(server)

    def go_on(
        self, ready: Callable[[IUpstreamConnection], None], failed: Callable[[ExchangeError], None]
    ) -> None:
        """
        Make a connection to the server; where none has room, wait for one that has.

        @param ready: called with a connection that waits for the request.
        @param failed: called where there is none to be had.
        @raise NoServer: no server has room, and too many wait for one.
        """
        self._ready, self._failed = ready, failed
        if self.server is None:
            self._place = self._upstream.wait(self._admitted, self._not_admitted)
        else:
            self._connect(self.server)

    def pause(self, then: Callable[[], None]) -> None:
        """
        Wait for as long as is fit before the next try.
        """
        seconds = self._upstream.retry.pause(len(self._tried) - 1) if self._tried else 0.0
        if seconds:
            self._call = self._clock.callLater(seconds, self._paused, then)
        else:
            then()

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
        self._ready = self._failed = self.late = None
        if self._deadline is not None:
            self._deadline.stop()
            self._deadline = None
        self.release()

    def cancel(self) -> None:
        """
        Give up: nobody is called back any more.
        """
        self.finish()
        if self._call is not None:
            self._call.cancel()
            self._call = None
        if self._place is not None:
            self._upstream.leave(self._place)
            self._place = None
        if self._waiting is not None:
            self._waiting.cancel()

    def _leave(self, server: Server) -> None:
        """
        Let go of a server that the exchange does not come back to.
        """
        self._tried += (server,)
        self.release()

    def _clear_deadline(self) -> None:
        """
        The present try may take as long as it likes from here on.
        """
        if self._deadline is not None:
            self._deadline.clear()

    def _go_to(self, server: Server) -> IUpstreamConnection | None:
        exchange, upstream = self._exchange, self._upstream
        self.server = server
        server.occupy()
        exchange.server = server.name
        exchange.tries += 1
        if exchange.tries == 1:
            upstream.retry.started()
        if upstream.observers:
            self._status = 0
            self._began = self._clock.seconds()
        if self.late is not None:
            if self._deadline is None:
                self._deadline = Deadline(self._clock, self.late)
            self._deadline.set(upstream.retry.try_timeout)
        return None if self._fresh_only else server.take()

    def _paused(self, then: Callable[[], None]) -> None:
        self._call = None
        then()

    def _connect(self, server: Server) -> None:
        self._waiting = waiting = server.connect()
        waiting.addCallbacks(self._connected, self._not_connected)

    def _admitted(self) -> bool:
        """
        There may be a server with room now.

        @return: whether the exchange goes on, or is over.
        """
        ready = self._ready
        if ready is None:
            return True
        try:
            server = self._upstream.pick_now(self._exchange, self._tried)
        except Exception as error:
            self._place = None
            self._fail(as_exchange_error(error, "choosing a server"))
            return True
        if server is None:
            return False
        if self._place is not None:
            waited = self._clock.seconds() - self._place.since
            self._exchange.why.append(f"waited {waited:.3g} s for room")
            self._place = None
        connection = self._go_to(server)
        if connection is None:
            self._connect(server)
        else:
            ready(connection)
        return True

    def _not_admitted(self, error: ExchangeError) -> None:
        self._place = None
        if isinstance(error, QueueTimeout):
            self._upstream.events.count("queue-timeout")
        self._fail(error)

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

    def _fail(self, error: ExchangeError) -> None:
        if self._failed is not None:
            self._failed(error)
