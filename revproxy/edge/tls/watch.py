"""
Certificates taken over from their files without a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from typing_extensions import override

from revproxy.errors import CertificateError


class TakesOver(Protocol):
    """
    What keeps certificates and can renew them: L{ServerConnections}, L{UpstreamTLS}.
    """

    def take_over(self, now: datetime) -> list[CertificateError]:
        """
        Look at the files, use those that changed and return what is wrong with others.
        """


class CertificateWatch(Service):
    """
    Looks at the files of certificates again and again.

    What is wrong with new files is logged once, not at every look.
    """

    _log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        interval: float,
        watched: Sequence[TakesOver],
        now: Callable[[], datetime],
    ) -> None:
        """
        @param interval: seconds between looks; with 0 there are none.
        @param now: tells the time of day, aware of its zone; the clock need not know it.
        """
        self._interval = interval
        self._watched = watched
        self._now = now
        self._refused: set[str] = set()
        self._looking = LoopingCall(self.look)
        self._looking.clock = clock

    @override
    def startService(self) -> None:
        """
        Implement L{IService.startService}.
        """
        super().startService()
        if self._interval > 0:
            self._looking.start(self._interval, now=False)

    @override
    def stopService(self) -> None:
        """
        Implement L{IService.stopService}.
        """
        if self._looking.running:
            self._looking.stop()
        super().stopService()

    def look(self) -> None:
        """
        Look at all files now.
        """
        try:
            refused = {
                str(failure) for watched in self._watched for failure in watched.take_over(self._now())
            }
        except Exception:
            self._log.failure("cannot look at the certificates")
            return
        for reason in sorted(refused - self._refused):
            self._log.error("the certificate in use stays: {reason}", reason=reason)
        self._refused = refused
