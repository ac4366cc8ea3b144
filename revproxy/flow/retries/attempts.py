"""
Which servers an exchange is tried at, one after another.
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


class Attempts:
    """
    Chooses a server, gets a connection to it, and says whether to try again.

    @ivar server: the server that the exchange is at now; it counts as busy with it.
    @ivar minds: whether L{answered} wants to know of responses.
    @ivar _began: when the server was chosen, where anybody wants to know.
    @ivar _call: the next try, where it has to wait.
    @ivar late: called when a single try has taken as long as it may; only where that is
        limited.
    @ivar _status: that of the server's response, once L{answered} was told of it.
    @ivar _place: that in the queue for a server with room.
    @ivar _waiting: the connection that is being made.
    """

    __slots__ = (
        "_began", "_call", "_clock", "_deadline", "_exchange", "_failed", "_fresh_only", "_place",
        "_ready", "_status", "_tried", "_upstream", "_waiting", "late", "minds", "server",
    )  # fmt: skip

    def __init__(
        self, exchange: Exchange, upstream: Upstream, clock: IReactorTime, tried: tuple[Server, ...] = ()
    ) -> None:
        """
        @param tried: servers that are not to be chosen.
        """
        self.late: Callable[[], None] | None = None
        self.server: Server | None = None
        self.minds = bool(upstream.observers) or upstream.retry.minds_statuses
        self._clock = clock
        self._exchange = exchange
        self._upstream = upstream
        self._ready: Callable[[IUpstreamConnection], None] | None = None
        self._failed: Callable[[ExchangeError], None] | None = None
        self._tried = tried
        self._fresh_only = False
        self._status = 0
        self._began = 0.0
        self._call: IDelayedCall | None = None
        self._deadline: Deadline | None = None
        self._place: Waiting | None = None
        self._waiting: Deferred[Any] | None = None

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

    def abandon(self) -> None:
        """
        Give up the connection that is being made; another attempt may follow.
        """
        self._ready = self._failed = None
        if self._waiting is not None:
            self._waiting.cancel()

    def answered(self, status: int, replayable: bool) -> bool:
        """
        The head of a response came.

        @param replayable: whether what was sent of the request's body is still here.
        @return: whether another server is to be tried in place of it; then this one was
            let go of.
        """
        server, upstream, exchange = self.server, self._upstream, self._exchange
        assert server is not None
        if self._deadline is not None:
            self._deadline.clear()
        if upstream.observers:
            self._status = status
            seconds = self._clock.seconds() - self._began
            for observer in upstream.observers:
                observer.answered(server, status, seconds)
        if not upstream.retry.has_status(status):
            return False
        refusal = self._no_other(server) or upstream.retry.refusal(
            exchange.request, exchange.tries, replayable
        )
        self._tell(server, f"status {status}", refusal)
        if not refusal:
            self._leave(server)
        return not refusal

    def completed(self) -> None:
        """
        The response is complete, or nothing is to be held against the server any more.
        """
        server, status, judges = self.server, self._status, self._upstream.judges
        if server is not None and status and judges:
            seconds = self._clock.seconds() - self._began
            for judge in judges:
                judge.completed(server, status, seconds)

    def another_may_follow(self, error: ExchangeError, used: bool, replayable: bool) -> bool:
        """
        Decide whether the exchange may go to a server once more, and let go of the
        one that failed.

        Where the server saw nothing of the request, another is tried, whatever the method.
        Where it closed a connection that was used before, it most probably saw nothing
        either; what may be sent twice is sent again on a new one, before anything is
        held against the server.

        @param used: whether the connection that failed was used before.
        @param replayable: whether what was sent of the request's body is still here.
        """
        server, exchange, retry = self.server, self._exchange, self._upstream.retry
        if self._deadline is not None:
            self._deadline.clear()
        if server is None:
            return False
        if used and retry.may_repeat(error, exchange.request, replayable):
            exchange.why.append(f"{server.name}: {error.reason}; again on a new connection")
            self._fresh_only = True
            self.release()
            return True
        self._observe(server, error)
        refusal = self._no_other(server) or retry.refusal_of(
            error, exchange.request, exchange.tries, replayable
        )
        self._tell(server, error.reason, refusal)
        self._leave(server)
        return not refusal

    def give_up_on(self, what: str, error: ExchangeError | None) -> None:
        """
        Let go of a server in whose place another answers.

        @param what: why, in a few words.
        @param error: where it failed.
        """
        server = self.server
        if server is not None:
            if error is not None:
                self._observe(server, error)
            self._exchange.why.append(f"{server.name}: {what}; the other is waited for")
            self._leave(server)

    def pause(self, then: Callable[[], None]) -> None:
        """
        Wait for as long as is fit before the next try.
        """
        seconds = self._upstream.retry.pause(len(self._tried) - 1) if self._tried else 0.0
        if seconds:
            self._call = self._clock.callLater(seconds, self._paused, then)
        else:
            then()

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

    def _paused(self, then: Callable[[], None]) -> None:
        self._call = None
        then()

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

    def _observe(self, server: Server, error: ExchangeError) -> None:
        """
        Tell of a failure, unless it was nobody's doing there.
        """
        if error.condition:
            status, judges = self._status, self._upstream.judges
            seconds = self._clock.seconds() - self._began
            for observer in self._upstream.observers:
                if not status or observer not in judges:
                    observer.failed(server, error, seconds)
            for judge in judges if status else ():
                judge.broke_off(server, status, error, seconds)

    def _no_other(self, server: Server) -> str:
        others = self._upstream.has_others((*self._tried, server))
        return "" if others else "no other server can be used"

    def _tell(self, server: Server, what: str, refusal: str) -> None:
        then = f"not tried again: {refusal}" if refusal else "another is tried"
        self._exchange.why.append(f"{server.name}: {what}; {then}")
        if not refusal:
            self._upstream.events.count("retry")

    def _leave(self, server: Server) -> None:
        """
        Let go of a server that the exchange does not come back to.
        """
        self._tried += (server,)
        self.release()
