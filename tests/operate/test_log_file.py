"""
Tests of L{revproxy.operate.log_file}.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import RevproxyError
from revproxy.operate.log_file import LogFile


class LogFileTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.file = LogFile(self.path)
        self.addCleanup(self.file.close)

    def test_appends(self) -> None:
        """
        Lines go after those that are in the file already.
        """
        self.path.write_bytes(b"old\n")
        self.file.open()
        self.file.append(b"one\ntwo\n")
        self.file.append(b"three\n")
        self.assertEqual(self.path.read_bytes(), b"old\none\ntwo\nthree\n")

    def test_shared(self) -> None:
        """
        Two processes that write to one file do not overwrite each other.
        """
        other = LogFile(self.path)
        self.addCleanup(other.close)
        self.file.open()
        other.open()
        for file, line in ((self.file, b"one\n"), (other, b"two\n"), (self.file, b"three\n")):
            file.append(line)
        self.assertEqual(self.path.read_bytes(), b"one\ntwo\nthree\n")

    def test_mode(self) -> None:
        """
        A new file is for its owner to write and its group to read, and no one else.
        """
        self.addCleanup(os.umask, os.umask(0))
        self.file.open()
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o640)

    def test_not_inherited(self) -> None:
        """
        A child process does not get the file's descriptor.
        """
        self.file.open()
        names = [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
        [descriptor] = [name for name in names if os.path.samefile(f"/proc/self/fd/{name}", self.path)]
        self.assertFalse(os.get_inheritable(int(descriptor)))

    def test_opened_once(self) -> None:
        """
        To open an open file changes nothing: what was moved away is written on.
        """
        self.file.open()
        moved = self.path.rename(self.path.with_suffix(".1"))
        self.file.open()
        self.file.append(b"one\n")
        self.assertEqual(moved.read_bytes(), b"one\n")

    def test_reopen(self) -> None:
        """
        After reopening, lines go to what is at the path now.
        """
        self.file.open()
        self.file.append(b"one\n")
        moved = self.path.rename(self.path.with_suffix(".1"))
        self.file.reopen()
        self.file.append(b"two\n")
        self.assertEqual((moved.read_bytes(), self.path.read_bytes()), (b"one\n", b"two\n"))

    def test_reopen_fails(self) -> None:
        """
        Where the path cannot be opened again, the old file is written on.
        """
        self.file.open()
        moved = self.path.rename(self.path.with_suffix(".1"))
        self.path.mkdir()
        self.assertRaises(RevproxyError, self.file.reopen)
        self.file.append(b"one\n")
        self.assertEqual(moved.read_bytes(), b"one\n")

    def test_no_descriptor_remains(self) -> None:
        """
        Reopening and closing leave no descriptor behind.
        """
        before = len(os.listdir("/proc/self/fd"))
        self.file.open()
        self.file.reopen()
        self.file.close()
        self.file.close()
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_open_fails(self) -> None:
        """
        A path that cannot be opened is refused in one line that names it.
        """
        path = self.path / "absent" / "access.log"
        error = self.assertRaises(RevproxyError, LogFile(path).open)
        self.assertEqual(str(error), f"{path}: cannot write a log here: No such file or directory")

    def test_standard_output(self) -> None:
        """
        A dash is the standard output, which stays open when the log is closed.
        """
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        log = LogFile("-", standard_output=writer)
        log.open()
        log.append(b"one\n")
        log.reopen()
        log.append(b"two\n")
        log.close()
        os.write(writer, b"three\n")
        self.assertEqual(os.read(reader, 100), b"one\ntwo\nthree\n")

    def test_full(self) -> None:
        """
        A disk without room is an L{OSError}.
        """
        log = LogFile("/dev/full")
        self.addCleanup(log.close)
        log.open()
        self.assertRaises(OSError, log.append, b"one\n")

    def test_closed(self) -> None:
        """
        A file that is not open is an L{OSError}, too.
        """
        self.assertRaises(OSError, self.file.append, b"one\n")

    def test_torn_line(self) -> None:
        """
        After a write that stopped in the middle of a line, the next starts a new one.
        """
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        log = LogFile("-", standard_output=writer)
        self.addCleanup(log.close)
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        log.open()
        self.assertRaises(BlockingIOError, log.append, b"x" * 10_000_000 + b"\n")
        self.assertEqual(set(os.read(reader, 10_000_000)), {ord("x")})
        log.append(b"one\n")
        log.append(b"two\n")
        self.assertEqual(os.read(reader, 100), b"\none\ntwo\n")
