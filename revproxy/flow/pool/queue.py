"""
The exchanges that wait for a server with room.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime

from revproxy.errors import ExchangeError, QueueFull, QueueTimeout
from revproxy.flow.deadline import Deadline


class Waiting:
    """
    An exchange's place in the queue.

    @ivar admit: tries to go on, and tells whether it did.
    @ivar refuse: called where it may not wait any longer.
    @ivar since: when it came.
    @ivar late: when it may not wait any longer.
    @ivar left: whether it does not wait any more.
    """

    __slots__ = ("admit", "late", "left", "refuse", "since")

    def __init__(
        self,
        admit: Callable[[], bool],
        refuse: Callable[[ExchangeError], None],
        since: float,
        late: float,
    ) -> None:
        self.admit = admit
        self.refuse = refuse
        self.since = since
        self.late = late
        self.left = False


class Queue:
    """
    Lets exchanges wait, first come first served, but not too many nor too long.

    @ivar _places: in the order of their coming, which is that of their being late, too.
    @ivar _deadline: that of the first, as long as anybody waits.
    """

    __slots__ = ("_clock", "_deadline", "_most", "_places", "_timeout")

    def __init__(self, clock: IReactorTime, most: int, timeout: float) -> None:
        """
        @param most: how many may wait.
        @param timeout: for how many seconds.
        """
        self._clock = clock
        self._most = most
        self._timeout = timeout
        self._places: OrderedDict[Waiting, None] = OrderedDict()
        self._deadline: Deadline | None = None

    def __len__(self) -> int:
        """
        How many wait.
        """
        return len(self._places)

    def join(self, admit: Callable[[], bool], refuse: Callable[[ExchangeError], None]) -> Waiting:
        """
        Wait at the end of the queue.

        @raise QueueFull: too many wait.
        """
        if len(self._places) >= self._most:
            raise QueueFull(f"no server has room, and {len(self._places)} exchanges wait already")
        now = self._clock.seconds()
        place = Waiting(admit, refuse, now, now + self._timeout)
        self._places[place] = None
        if self._deadline is None:
            self._deadline = Deadline(self._clock, self._expire)
            self._deadline.set_from(now, self._timeout)
        return place

    def leave(self, place: Waiting) -> None:
        """
        Wait no more.
        """
        place.left = True
        self._places.pop(place, None)
        self._rest()

    def advance(self, more: Callable[[], bool]) -> None:
        """
        Let go on who can, in the order of their coming.  One who cannot, as it has been to
        all the servers that have room, stays where it was.

        @param more: tells whether any server has room yet.
        """
        stay: list[Waiting] = []
        try:
            while self._places and more():
                place, _ = self._places.popitem(last=False)
                if place.admit():
                    self.leave(place)
                else:
                    stay.append(place)
        finally:
            for place in reversed(stay):
                if not place.left:
                    self._places[place] = None
                    self._places.move_to_end(place, last=False)
            self._rest()

    def _expire(self) -> None:
        """
        Refuse those whose time is over.
        """
        now = self._clock.seconds()
        while self._places:
            place = next(iter(self._places))
            if place.late > now:
                assert self._deadline is not None
                self._deadline.set_from(now, place.late - now)
                return
            self.leave(place)
            place.refuse(QueueTimeout(f"no server had room within {self._timeout:g} s"))

    def _rest(self) -> None:
        """
        Leave nothing scheduled while nobody waits.
        """
        if not self._places and self._deadline is not None:
            self._deadline.stop()
            self._deadline = None
