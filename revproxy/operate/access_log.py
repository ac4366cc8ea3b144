"""
The access log: a line for each exchange, written in batches.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.web.iweb import IAccessLogFormatter
from typing_extensions import override

from revproxy.errors import RevproxyError
from revproxy.exchange import Exchange
from revproxy.operate.formats import Timestamp
from revproxy.operate.log_file import LogFile

MOST_RECORDS = 512
"""
How many exchanges are held before they are written.
"""

LONGEST_WAIT = 1.0
"""
How long an exchange is held before it is written, in seconds.
"""


class AccessLog(Service):
    """
    Writes what was asked and what was answered.

    What the service runs after it has to be stopped before it: what is recorded
    while it does not run is dropped.

    A line that cannot be written is lost and the proxying goes on.  The log of the
    process says so once, and once again when lines can be written.

    @ivar _held: the exchanges that are not yet written, each with when it ended in
        seconds of the clock.
    @ivar _lost: how many lines could not be written since the last that could.
    @ivar _bad_format: whether the formatter's failure was told already.
    """

    _log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        destination: LogFile,
        formatter: IAccessLogFormatter,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """
        @param formatter: is given a L{Timestamp} and the exchange.
        @param wall: tells the time of day, in seconds since 1970 in UTC.
        """
        self._clock = clock
        self._seconds = clock.seconds
        self._destination = destination
        self._formatter = formatter
        self._wall = wall
        self._held: list[tuple[float, Exchange]] = []
        self._call: IDelayedCall | None = None
        self._lost = 0
        self._bad_format = False

    @override
    def startService(self) -> None:
        """
        Open the file.

        @raise RevproxyError: it cannot be opened.
        """
        self._destination.open()
        super().startService()

    @override
    def stopService(self) -> None:
        """
        Write what is held, and close the file.
        """
        super().stopService()
        self.flush()
        self._destination.close()

    def record(self, exchange: Exchange) -> None:
        """
        Have a line written for an exchange, which ended just now.
        """
        held = self._held
        held.append((self._seconds(), exchange))
        if len(held) == 1:
            self._expect_flush()
        elif len(held) >= MOST_RECORDS:
            self.flush()

    def reopen(self) -> None:
        """
        Go on in what is at the file's path now: somebody has moved the file away.

        What was recorded so far is written to the old one.
        """
        self.flush()
        try:
            self._destination.reopen()
        except RevproxyError as error:
            self._log.error("The access log stays as it is: {error}", error=error)

    def flush(self) -> None:
        """
        Write what is held.
        """
        if self._call is not None:
            self._call.cancel()
            self._call = None
        held, self._held = self._held, []
        if held:
            self._write(held)

    def _expect_flush(self) -> None:
        """
        See to it that what is held from now on is written in time.
        """
        if self.running:
            self._call = self._clock.callLater(LONGEST_WAIT, self._flush_in_time)
        else:
            self._held.clear()

    def _flush_in_time(self) -> None:
        self._call = None
        self.flush()

    def _write(self, held: list[tuple[float, Exchange]]) -> None:
        """
        Write a batch.  The two clocks are compared for each, since the time of day
        may be set while the process runs.
        """
        offset = self._wall() - self._seconds()
        lines = "".join([self._line(offset + ended, exchange) for ended, exchange in held])
        if not lines:
            return
        try:
            self._destination.append(lines.encode("utf-8", "backslashreplace"))
        except OSError as error:
            self._lose(len(held), error)
        else:
            self._recover()

    def _line(self, moment: float, exchange: Exchange) -> str:
        """
        @return: the line with its end, or nothing where the formatter fails.
        """
        try:
            return f"{self._formatter(Timestamp(moment), exchange)}\n"
        except Exception:
            if not self._bad_format:
                self._bad_format = True
                self._log.failure("The access log's format fails; such lines are left out from now on")
            return ""

    def _lose(self, lines: int, error: OSError) -> None:
        if not self._lost:
            self._log.error(
                "The access log {path} cannot be written, lines are lost from now on: {error}",
                path=str(self._destination.path),
                error=error.strerror or str(error),
            )
        self._lost += lines

    def _recover(self) -> None:
        if self._lost:
            self._log.info(
                "The access log {path} can be written again; {lost} lines are lost",
                path=str(self._destination.path),
                lost=self._lost,
            )
            self._lost = 0
