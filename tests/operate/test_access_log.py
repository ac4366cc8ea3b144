"""
Tests of L{revproxy.operate.access_log}.
"""

from __future__ import annotations

import os
from pathlib import Path

from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IAccessLogFormatter
from zope.interface import provider

from revproxy.errors import RevproxyError
from revproxy.exchange import Exchange
from revproxy.operate.access_log import MOST_RECORDS, AccessLog
from revproxy.operate.log_file import LogFile
from tests.operate.exchanges import finished_exchange


@provider(IAccessLogFormatter)
def target_line(timestamp: str, exchange: Exchange) -> str:
    """
    When it ended and what was asked for.
    """
    return f"{timestamp} {exchange.request.target.decode()}"


@provider(IAccessLogFormatter)
def failing_line(timestamp: str, exchange: Exchange) -> str:
    """
    Fails for one target.
    """
    if exchange.request.target == b"/bad":
        raise ValueError("no line for this")
    return exchange.request.target.decode()


class AccessLogTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.wall = 1_800_000_000.0
        self.path = Path(self.mktemp())
        self.log = self.started(self.path, target_line)

    def started(self, path: Path, formatter: IAccessLogFormatter) -> AccessLog:
        """
        A running log whose time of day goes with the clock.
        """
        log = AccessLog(self.clock, LogFile(path), formatter, lambda: self.wall + self.clock.seconds())
        log.startService()
        self.addCleanup(lambda: log.running and log.stopService())
        return log

    def record(self, *targets: bytes, log: AccessLog | None = None) -> None:
        """
        Record an exchange for each target.
        """
        for target in targets:
            (log or self.log).record(finished_exchange(target=target))

    def written(self) -> list[str]:
        """
        The targets in the file.
        """
        return [line.split()[-1] for line in self.path.read_text().splitlines()]


class AccessLogTests(AccessLogTestCase):
    def test_written_in_time(self) -> None:
        """
        A line waits at most a second for others, then all are written together.
        """
        self.record(b"/a")
        self.clock.advance(0.75)
        self.record(b"/b")
        self.assertEqual(self.written(), [])
        self.clock.advance(0.25)
        self.assertEqual(self.written(), ["/a", "/b"])

    def test_written_in_number(self) -> None:
        """
        A full batch is written at once, and the next one has its second again.
        """
        targets = [b"/%d" % number for number in range(MOST_RECORDS + 1)]
        self.record(*targets[:-2])
        self.assertEqual(self.written(), [])
        self.record(targets[-2])
        self.assertEqual(len(self.written()), MOST_RECORDS)
        self.clock.advance(0.5)
        self.record(targets[-1])
        self.clock.advance(0.5)
        self.assertEqual(len(self.written()), MOST_RECORDS)
        self.clock.advance(0.5)
        self.assertEqual(self.written(), [target.decode() for target in targets])

    def test_one_call(self) -> None:
        """
        One call is scheduled, however many lines wait, and none where none does.
        """
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.record(b"/a", b"/b", b"/c")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.advance(1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_time_of_the_end(self) -> None:
        """
        A line tells when its exchange ended, not when it was written.
        """
        self.clock.advance(2.5)
        self.record(b"/a")
        self.clock.advance(0.75)
        self.record(b"/b")
        self.clock.advance(0.25)
        self.assertEqual(
            self.path.read_text(), "[15/Jan/2027:08:00:02 +0000] /a\n[15/Jan/2027:08:00:03 +0000] /b\n"
        )

    def test_time_of_day_is_set(self) -> None:
        """
        Where the time of day is set while the process runs, the lines follow.
        """
        self.clock.advance(5)
        self.wall += 3600
        self.record(b"/a")
        self.clock.advance(1)
        self.assertEqual(self.path.read_text(), "[15/Jan/2027:09:00:05 +0000] /a\n")

    def test_stop(self) -> None:
        """
        Pitfall 44: stopping writes what waits and leaves no call and no descriptor.
        """
        before = len(os.listdir("/proc/self/fd"))
        self.record(b"/a")
        self.log.stopService()
        self.assertEqual(self.written(), ["/a"])
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(len(os.listdir("/proc/self/fd")), before - 1)

    def test_not_running(self) -> None:
        """
        What is recorded after the log has stopped leaves nothing behind.
        """
        self.log.stopService()
        self.record(b"/a", b"/b")
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.log.startService()
        self.record(b"/c")
        self.clock.advance(1)
        self.assertEqual(self.written(), ["/c"])

    def test_rotation(self) -> None:
        """
        Reopening writes what waits to the file that was moved away: no line is lost.
        """
        self.record(b"/a")
        moved = self.path.rename(self.path.with_suffix(".1"))
        self.record(b"/b")
        self.log.reopen()
        self.record(b"/c")
        self.clock.advance(1)
        self.assertIn("/b", moved.read_text())
        self.assertEqual(self.written(), ["/c"])
        self.assertEqual(moved.read_text().count("\n"), 2)


class AccessLogFailureTests(AccessLogTestCase):
    def test_cannot_be_opened(self) -> None:
        """
        A file that cannot be opened is an error at start.
        """
        path = self.path / "below a file"
        error = self.assertRaises(RevproxyError, self.started, path, target_line)
        self.assertEqual(str(error), f"{path}: cannot write a log here: Not a directory")

    def test_full_disk(self) -> None:
        """
        Lines that cannot be written are told about once, and nothing else happens.
        """
        log = self.started(Path("/dev/full"), target_line)
        with capturedLogs() as events:
            self.record(b"/a", b"/b", log=log)
            self.clock.advance(1)
            self.record(b"/c", log=log)
            self.clock.advance(1)
        self.assertEqual([event["path"] for event in events], ["/dev/full"])
        self.assertEqual(events[0]["error"], "No space left on device")

    def test_room_again(self) -> None:
        """
        When lines can be written again, it is told how many are lost.
        """
        self.path.unlink()
        self.path.symlink_to("/dev/full")
        self.log.reopen()
        with capturedLogs() as events:
            self.record(b"/a", b"/b")
            self.clock.advance(1)
            self.record(b"/c")
            self.clock.advance(1)
            self.path.unlink()
            self.log.reopen()
            self.record(b"/d")
            self.clock.advance(1)
            self.record(b"/e")
            self.clock.advance(1)
        self.assertEqual(self.written(), ["/d", "/e"])
        self.assertEqual([event.get("lost") for event in events], [None, 3])

    def test_cannot_be_reopened(self) -> None:
        """
        Where the path cannot be opened again, the old file is written on.
        """
        moved = self.path.rename(self.path.with_suffix(".1"))
        self.path.mkdir()
        with capturedLogs() as events:
            self.log.reopen()
            self.record(b"/a")
            self.clock.advance(1)
        self.assertEqual(len(events), 1)
        self.assertIn("/a", moved.read_text())

    def test_format_fails(self) -> None:
        """
        A formatter that fails costs its line alone, and its failure is told once.
        """
        log = self.started(self.path, failing_line)
        self.record(b"/a", b"/bad", b"/b", b"/bad", log=log)
        self.clock.advance(1)
        self.assertEqual(self.written(), ["/a", "/b"])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_format_fails_always(self) -> None:
        """
        Where no line is left of a batch, nothing is written.
        """
        log = self.started(self.path, failing_line)
        self.record(b"/bad", log=log)
        self.clock.advance(1)
        self.assertEqual(self.path.read_bytes(), b"")
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
