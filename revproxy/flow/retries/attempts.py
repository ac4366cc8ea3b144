"""
Which servers an exchange is tried at, one after another.
"""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime

from revproxy.errors import ExchangeError, UpstreamConnectTimeout, UpstreamOvertaken, UpstreamTimeout
from revproxy.exchange import Exchange
from revproxy.flow.pool.server import Server
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.retries.visits import Visits
from revproxy.interfaces import IUpstreamConnection


class Attempts(Visits):
    """
    Tells how each server did, and says whether to try again.

    @ivar minds: whether L{answered} wants to know of responses: somebody judges by them, or
        a single try is limited.
    """

    __slots__ = ("_second", "minds")

    def __init__(
        self, exchange: Exchange, upstream: Upstream, clock: IReactorTime, second: bool = False
    ) -> None:
        """
        @param second: whether another server has been asked already, and takes its time.  What
            is learned of how long servers take is learned of those that are asked first.
        """
        super().__init__(exchange, upstream, clock)
        retry = upstream.retry
        self.minds = bool(upstream.observers) or retry.minds_statuses or retry.try_timeout > 0
        self._second = second

    def cut_short(self, connection: IUpstreamConnection | None) -> ExchangeError:
        """
        Give up a try that has taken as long as it may; another may follow.

        @param connection: C{None} where it is still being made.
        @return: what is to be said of it: where no connection was made the server saw nothing
            of the request.
        """
        said = f"within the {self._upstream.retry.try_timeout:g} s of one try"
        if connection is not None:
            connection.drop()
            return UpstreamTimeout(f"no response {said}")
        self._ready = self._failed = None
        if self._waiting is not None:
            self._waiting.cancel()
        return UpstreamConnectTimeout(f"no connection {said}")

    def answered(self, status: int, replayable: bool, rival: bool = False) -> bool:
        """
        The head of a response came.

        @param replayable: whether what was sent of the request's body is still here.
        @param rival: whether a second server was asked, too, and may answer still.
        @return: whether another server's is waited for in place of it; then this one was
            let go of.
        """
        server, upstream, exchange = self.server, self._upstream, self._exchange
        assert server is not None
        self._clear_deadline()
        if upstream.observers:
            self._status = status
            seconds = self._clock.seconds() - self._began
            unheard: object = upstream.hedge_delay if self._second else None
            for observer in upstream.observers:
                if observer is not unheard:
                    observer.answered(server, status, seconds)
        if not upstream.retry.has_status(status):
            return False
        if rival:
            self.give_up_on(f"status {status}", None)
            return True
        has_room = upstream.has_room(self.visited)
        refusal = ("" if has_room else "no other server has room") or upstream.retry.refusal(
            exchange.request, len(self._tried) + 1, replayable
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
        self._clear_deadline()
        if server is None:
            return False
        if used and retry.may_repeat(error, exchange.request, replayable):
            exchange.why.append(f"{server.name}: {error.reason}; again on a new connection")
            self._fresh_only = True
            self.release()
            return True
        self._observe(server, error)
        refusal = self._no_other() or retry.refusal_of(
            error, exchange.request, len(self._tried) + 1, replayable
        )
        self._tell(server, error.reason, refusal)
        self._leave(server)
        return not refusal

    def cut(self, error: ExchangeError) -> None:
        """
        The response ends before it is complete: there is no other attempt.
        """
        if self.server is not None:
            self._observe(self.server, error)
        self.finish()

    def give_up_on(self, what: str, error: ExchangeError | None) -> None:
        """
        Let go of a server in whose place another answers.

        @param what: why, in a few words.
        @param error: where it failed.
        """
        server = self.server
        self._clear_deadline()
        if server is not None:
            if error is not None:
                self._observe(server, error)
            self._exchange.why.append(f"{server.name}: {what}; the other is waited for")
            self._leave(server)

    def overtaken(self) -> None:
        """
        Another server, which was asked later, answers.
        """
        server = self.server
        if server is not None:
            self._observe(server, UpstreamOvertaken("another server answered first"))

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

    def _no_other(self) -> str:
        return "" if self._upstream.has_others(self.visited) else "no other server can be used"

    def _tell(self, server: Server, what: str, refusal: str) -> None:
        then = f"not tried again: {refusal}" if refusal else "another is tried"
        self._exchange.why.append(f"{server.name}: {what}; {then}")
        if not refusal:
            self._upstream.events.count("retry")
