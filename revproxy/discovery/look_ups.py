"""
Looking for the servers of a name again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from typing_extensions import override

from revproxy.discovery.answers import Findings, LookUpFailed, Place, Refusal
from revproxy.discovery.finders import Finder
from revproxy.flow.pool.events import Events

_SOON: Final = 1.0
_LATEST: Final = 30.0
"""
After a failure the next look-up comes so many seconds later at first, and at last.
"""


MOST_PLACES: Final = 1000
"""
So many addresses of a name are used.
"""


class Pace(NamedTuple):
    """
    All in seconds.

    @ivar least: how long an answer holds at least, whatever it says.
    @ivar most: how long it holds at most.
    @ivar timeout: how long a look-up may take.
    """

    least: float = 5.0
    most: float = 300.0
    timeout: float = 5.0


class LookUps(Service):
    """
    Looks up one name as often as its answers say.  A look-up that fails, or finds nothing,
    changes nothing, and is tried again soon.

    @ivar places: where the servers are, as far as that is known.
    @ivar heard: called after each look-up, whether or not there is anything new.
    @ivar _failures: how many look-ups failed in a row.
    @ivar _refused: what was not used of the last answer.
    @ivar _call: the next look-up.
    @ivar _running: the present one.
    """

    _log = Logger()

    def __init__(
        self,
        subject: str,
        finder: Finder,
        clock: IReactorTime,
        pace: Pace,
        refusal: Refusal,
        events: Events,
    ) -> None:
        """
        @param subject: what is looked up, for the log.
        """
        self.places: Sequence[Place] = ()
        self.heard: Callable[[], None] = _nothing
        self._subject = subject
        self._finder = finder
        self._clock = clock
        self._pace = pace
        self._refusal = refusal
        self._events = events
        self._failures = 0
        self._refused: frozenset[str] = frozenset()
        self._call: IDelayedCall | None = None
        self._running: Deferred[float] | None = None

    @override
    def startService(self) -> None:
        super().startService()
        self._look_up()

    @override
    def stopService(self) -> None:
        super().stopService()
        self._stop_waiting()
        running, self._running = self._running, None
        if running is not None:
            running.cancel()

    def look(self) -> None:
        """
        Look the name up now.
        """
        if self.running and self._running is None:
            self._stop_waiting()
            self._look_up()

    def begin_with(self, places: Sequence[Place]) -> None:
        """
        Believe what somebody else has found out, as far as it may be used.
        """
        self.places = self._allowed(Findings(places, 0.0))

    def _stop_waiting(self) -> None:
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _look_up(self) -> None:
        self._call = None
        asked: Deferred[Findings] = maybeDeferred(self._finder.find, self.places)
        asked.addTimeout(self._pace.timeout, self._clock)
        running: Deferred[float] = asked.addCallback(self._found).addErrback(self._failed)
        self._running = running
        running.addBoth(self._done, running)

    def _found(self, found: Findings) -> float:
        """
        @return: after how many seconds to look again.
        @raise LookUpFailed: nothing of it may be used.
        """
        places = self._allowed(found)
        if not places and self._refused:
            raise LookUpFailed("nothing of what is found may be used")
        self.places = places
        holds = min(max(found.ttl, self._pace.least), self._pace.most)
        if found.trouble:
            return min(holds, self._trouble(found.trouble))
        if self._failures:
            self._failures = 0
            self._events.better("looked-up-again", self._subject, "it is answered")
        return holds

    def _allowed(self, found: Findings) -> list[Place]:
        """
        @return: the places that may be used.  Of others is told once.
        """
        refusals = {place: self._refusal(place.address) for place in found.places[:MOST_PLACES]}
        refused = found.refused.union(filter(None, refusals.values()))
        if len(found.places) > MOST_PLACES:
            refused |= {f"of its addresses only {MOST_PLACES} are used"}
        for reason in sorted(refused - self._refused):
            self._events.worse("refused", self._subject, reason)
        self._refused = refused
        return [place for place, refusal in refusals.items() if refusal is None]

    def _failed(self, failure: Failure) -> float:
        if self._running is None and not self.running:
            return 0.0  # it was cancelled
        if failure.check(TookTooLong):
            return self._trouble(f"no answer within {self._pace.timeout:g} s")
        if failure.check(LookUpFailed):
            return self._trouble(failure.getErrorMessage())
        self._log.failure("a look-up failed in a way that nobody foresaw", failure)
        return self._trouble(f"{type(failure.value).__name__}: {failure.getErrorMessage()}")

    def _trouble(self, reason: str) -> float:
        """
        Tell of the first of several failures in a row.

        @return: after how many seconds to look again.
        """
        if self._failures:
            self._events.count("look-up-failed")
        else:
            stays = "; what was known stays" if self.places else ""
            self._events.worse("look-up-failed", self._subject, reason + stays)
        pause = _SOON * 2.0 ** min(self._failures, 10)
        self._failures += 1
        return float(min(pause, _LATEST, self._pace.most))

    def _done(self, result: float | Failure, running: Deferred[float]) -> None:
        """
        A look-up is over; one that was stopped is not followed by another.
        """
        if self._running is not running:
            return
        self._running = None
        assert not isinstance(result, Failure)
        self._call = self._clock.callLater(result, self._look_up)
        try:
            self.heard()
        except Exception:
            self._log.failure("what was found cannot be used")


def _nothing() -> None:
    """
    Nobody cares.
    """
