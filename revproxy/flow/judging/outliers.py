"""
Leaving a server alone where much of what it is asked fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from zope.interface import implementer

from revproxy.errors import ExchangeError
from revproxy.flow.conditions import ANY_FAILURE, Conditions
from revproxy.flow.judging.window import Window
from revproxy.flow.pool.events import Events
from revproxy.flow.pool.server import Server
from revproxy.interfaces import IJudge, IServer


@dataclass(frozen=True, slots=True)
class OutlierTerms:
    """
    When a server is ejected, and for how long.

    @ivar consecutive: after so many failures in a row; 0 for never.
    @ivar failure_rate: at this share of failures; 0 for never.
    @ivar window: over how many seconds the share is taken.
    @ivar least: of fewer exchanges no share is taken.
    @ivar ejection: for how many seconds, the first time; the next time in a row twice as long.
    @ivar most_ejection: for how many seconds at the most.
    @ivar on: what counts as a failure.
    """

    consecutive: int = 5
    failure_rate: float = 0.0
    window: float = 10.0
    least: int = 20
    ejection: float = 10.0
    most_ejection: float = 300.0
    on: Conditions = ANY_FAILURE


class Record:
    """
    How one server did.

    @ivar in_a_row: how many failures there were since a response began well.
    @ivar broken: how many responses broke off since one was complete.
    @ivar ejections: how many times it was ejected without having been well for long.
    @ivar since: when its last ejection was over.
    @ivar call: ends its ejection, or its trial.
    """

    __slots__ = ("broken", "call", "ejections", "in_a_row", "since", "window")

    def __init__(self, window: float) -> None:
        self.in_a_row = 0
        self.broken = 0
        self.ejections = 0
        self.since = 0.0
        self.call: IDelayedCall | None = None
        self.window = Window(window)


@implementer(IJudge)
class OutlierDetection:
    """
    Ejects a server by how it did of late.  After a while it is on trial: one exchange at
    a time goes there; where that goes well it is let in again, otherwise it is
    ejected for longer.  It goes well where its response is complete, or has gone on for
    some time.

    @ivar _records: those of the servers that are there.
    """

    def __init__(self, clock: IReactorTime, terms: OutlierTerms, events: Events) -> None:
        self._clock = clock
        self._terms = terms
        self._events = events
        self._records: dict[Server, Record] = {}

    def inherit(self, before: IJudge, servers: Sequence[tuple[IServer, IServer]]) -> None:
        """
        Implement L{IJudge.inherit}.
        """
        assert isinstance(before, OutlierDetection)
        for server, other in servers:
            assert isinstance(server, Server) and isinstance(other, Server)
            record, known = self._records[server], before._records[other]
            record.in_a_row, record.broken = known.in_a_row, known.broken
            record.ejections, record.since = known.ejections, known.since
            if before._terms.window == self._terms.window:
                record.window = known.window
            server.standing.inherit_ejection(other.standing)
            if other.standing.ejected and known.call is not None:
                rest = min(known.call.getTime() - self._clock.seconds(), self._terms.most_ejection)
                record.call = self._clock.callLater(max(0.0, rest), self._try_again, server, record)

    def joined(self, server: IServer) -> None:
        """
        Implement L{IJudge.joined}.
        """
        assert isinstance(server, Server)
        self._records[server] = Record(self._terms.window)

    def answered(self, server: IServer, status: int, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.answered}.
        """
        assert isinstance(server, Server)
        terms = self._terms
        if terms.on.has_status(status):
            self._failed(server, f"status {status}", seconds)
            return
        record = self._records.get(server)
        if record is None:
            return
        record.in_a_row = 0
        if terms.failure_rate:
            record.window.count(self._clock.seconds(), False)
        if record.call is None and server.standing.on_trial and self._began_since(record, seconds):
            went = f"its exchange on trial goes well for {terms.window:g} s"
            record.call = self._clock.callLater(terms.window, self._readmit, server, record, went)

    def completed(self, server: IServer, status: int, seconds: float) -> None:
        """
        Implement L{IJudge.completed}.
        """
        assert isinstance(server, Server)
        record = self._records.get(server)
        if record is None or self._terms.on.has_status(status):
            return
        record.broken = 0
        if server.standing.on_trial and self._began_since(record, seconds):
            self._readmit(server, record, "its exchange on trial went well")

    def broke_off(self, server: IServer, status: int, error: ExchangeError, seconds: float) -> None:
        """
        Implement L{IJudge.broke_off}.
        """
        assert isinstance(server, Server)
        if self._terms.on.has_error(error) and not self._terms.on.has_status(status):
            self._failed(server, error.reason, seconds, True)

    def failed(self, server: IServer, error: ExchangeError, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.failed}.
        """
        assert isinstance(server, Server)
        if self._terms.on.has_error(error):
            self._failed(server, error.reason, seconds)

    def forgotten(self, server: IServer) -> None:
        """
        Implement L{IOutcomeObserver.forgotten}.
        """
        assert isinstance(server, Server)
        record = self._records.pop(server, None)
        if record is not None and record.call is not None:
            record.call.cancel()

    def _began_since(self, record: Record, seconds: float) -> bool:
        """
        Whether an exchange of that length began after the ejection.
        """
        return self._clock.seconds() - seconds >= record.since

    def _failed(self, server: Server, what: str, seconds: float, had_begun: bool = False) -> None:
        """
        What was under way when the server was ejected changes nothing any more, nor when it
        was taken out.

        @param had_begun: whether it was taken for well at first.
        """
        record = self._records.get(server)
        if record is None or server.standing.ejected or not self._began_since(record, seconds):
            return
        now = self._clock.seconds()
        if had_begun:
            record.broken += 1
            record.window.revoke(now)
        else:
            record.in_a_row += 1
            record.window.count(now, True)
        if server.standing.on_trial:
            self._eject(server, record, f"its exchange on trial failed with {what}")
        elif 0 < self._terms.consecutive <= record.in_a_row:
            self._eject(server, record, f"{record.in_a_row} failures in a row, the last with {what}")
        elif 0 < self._terms.consecutive <= record.broken:
            self._eject(server, record, f"{record.broken} responses in a row broke off, the last with {what}")
        elif self._terms.failure_rate:
            total, failures = record.window.tally(now)
            if total >= self._terms.least and failures >= self._terms.failure_rate * total:
                self._eject(server, record, f"{failures} of {total} exchanges failed, the last with {what}")

    def _eject(self, server: Server, record: Record, reason: str) -> None:
        """
        Eject the server, for longer each time, unless it was well for as long as it may be
        ejected at the most.
        """
        terms = self._terms
        if self._clock.seconds() - record.since > terms.most_ejection:
            record.ejections = 0
        length = min(terms.ejection * 2.0 ** min(record.ejections, 30), terms.most_ejection)
        record.ejections += 1
        record.in_a_row = record.broken = 0
        record.window.clear()
        if record.call is not None:
            record.call.cancel()
        record.call = self._clock.callLater(length, self._try_again, server, record)
        self._events.worse("ejected", server.name, f"{reason}; for {length:g} s")
        server.standing.eject(f"ejected: {reason}")

    def _try_again(self, server: Server, record: Record) -> None:
        record.call = None
        record.since = self._clock.seconds()
        self._events.better("on-trial", server.name, "its ejection is over")
        server.standing.try_again()

    def _readmit(self, server: Server, record: Record, reason: str) -> None:
        if record.call is not None and record.call.active():
            record.call.cancel()
        record.call = None
        self._events.better("readmitted", server.name, reason)
        server.standing.readmit()
