"""
How long a server is waited for before another is asked, too.
"""

from __future__ import annotations

from array import array
from typing import Final

from zope.interface import implementer

from revproxy.errors import ExchangeError, UpstreamOvertaken
from revproxy.exchange import Request
from revproxy.interfaces import IOutcomeObserver, IServer

REMEMBERED: Final = 1000
"""
Of so many requests it is known how long the server that was asked first took.
"""

ENOUGH: Final = 100
"""
Of fewer nothing is concluded; after so many more it is concluded anew.
"""

SAFE: Final = frozenset((b"GET", b"HEAD", b"OPTIONS"))
"""
The methods that change nothing, RFC 9110 section 9.2.1.
"""


@implementer(IOutcomeObserver)
class HedgeDelay:
    """
    A fixed time, or that within which a given share of the servers that were asked first
    answered of late.  Were the second ones counted, too, who answer because they were
    quicker, the time would become less and less.

    @ivar _times: those of the last answers, in seconds; the oldest gives way.
    @ivar _count: how many answers there were in all.
    @ivar _seconds: the delay now; C{None} as long as too little is known.
    """

    __slots__ = ("_count", "_least", "_seconds", "_share", "_times")

    def __init__(self, seconds: float = 0.0, share: float = 0.0) -> None:
        """
        @param seconds: the fixed time; with a share, the least that it may come to.
        @param share: such as 0.95; 0 for the fixed time.
        """
        self._least = seconds
        self._share = share
        self._seconds = None if share else seconds
        self._times = array("d")
        self._count = 0

    def delay_for(self, request: Request) -> float | None:
        """
        @return: seconds; C{None} where nobody else is to be asked.
        """
        if request.method not in SAFE or request.length is not None or request.upgrade is not None:
            return None
        return self._seconds

    def answered(self, server: IServer, status: int, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.answered}.
        """
        if self._share:
            self._remember(seconds)

    def failed(self, server: IServer, error: ExchangeError, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.failed}.  One that was given up for another would have taken
        longer, which is all there is to know of the slow ones.
        """
        if self._share and isinstance(error, UpstreamOvertaken):
            self._remember(seconds)

    def forgotten(self, server: IServer) -> None:
        """
        Implement L{IOutcomeObserver.forgotten}.
        """

    def _remember(self, seconds: float) -> None:
        if len(self._times) < REMEMBERED:
            self._times.append(seconds)
        else:
            self._times[self._count % REMEMBERED] = seconds
        self._count += 1
        if self._count % ENOUGH == 0:
            place = min(int(len(self._times) * self._share), len(self._times) - 1)
            self._seconds = max(self._least, sorted(self._times)[place])
