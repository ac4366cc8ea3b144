"""
Programs that health checks run.
"""

from __future__ import annotations

import os
import signal
import time
from select import select
from typing import cast

from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.internet.process import reapAllProcesses, reapProcessHandlers
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.health.program import MOST_KEPT, MOST_READ, Program
from tests.live.programs import alive, eventually, new_directory


class Watching:
    """
    As much of a reactor as programs need, which looks when it is told to.
    """

    def __init__(self) -> None:
        self.readers: list[IReadDescriptor] = []

    def addReader(self, reader: IReadDescriptor) -> None:
        self.readers.append(reader)

    def removeReader(self, reader: IReadDescriptor) -> None:
        if reader in self.readers:
            self.readers.remove(reader)

    def look(self) -> None:
        ready, _, _ = select(self.readers, [], [], 0)
        for reader in ready:
            reader.doRead()
        reapAllProcesses()


class ProgramTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.directory = new_directory(self)
        self.reactor = Watching()
        self.results: list[tuple[int, bytes]] = []
        self.before = len(os.listdir("/proc/self/fd"))

    def start(self, script: str) -> Program:
        """
        Run a script of the shell.
        """
        program = Program(
            cast(IReactorFDSet, self.reactor), lambda status, said: self.results.append((status, said))
        )
        program.start(["/bin/sh", "-c", script], {"PATH": os.defpath, "A": "b"}, self.directory)
        return program

    def result(self) -> tuple[int, bytes]:
        """
        What becomes of it, after which nothing of it is left.
        """
        eventually(self.ended, "the end of the program")
        (result,) = self.results
        self.assertEqual((self.reactor.readers, reapProcessHandlers), ([], {}))
        self.assertEqual(len(os.listdir("/proc/self/fd")), self.before)
        return result

    def ended(self) -> bool | None:
        self.reactor.look()
        return bool(self.results) or None

    def pid(self, name: str) -> int:
        """
        The number of a process that a script has written to a file.
        """

        def written() -> int | None:
            self.reactor.look()
            path = self.directory / name
            return int(path.read_text()) if path.exists() and path.read_text().endswith("\n") else None

        return eventually(written, name)

    def test_status(self) -> None:
        """
        The exit status comes with what was printed, errors too.
        """
        self.start("echo fine; echo really >&2; exit 3")
        self.assertEqual(self.result(), (3, b"fine\nreally\n"))

    def test_signal(self) -> None:
        """
        A program that a signal ends has minus its number.
        """
        self.start("kill -TERM $$")
        self.assertEqual(self.result(), (-signal.SIGTERM, b""))

    def test_surroundings(self) -> None:
        """
        It runs where it is to and with the variables that it is given, and reads nothing.
        """
        self.start('cat; echo "$PWD $A $HOME"')
        self.assertEqual(self.result(), (0, f"{self.directory} b \n".encode()))

    def test_no_descriptors(self) -> None:
        """
        None of ours is open in it, even if it may be inherited.
        """
        entrance, exit_ = os.pipe()
        self.addCleanup(os.close, entrance)
        self.addCleanup(os.close, exit_)
        os.set_inheritable(entrance, True)
        self.before += 2
        self.start("ls /proc/self/fd | wc -l")
        self.assertEqual(self.result(), (0, b"4\n"))  # with that of the directory

    def test_missing(self) -> None:
        """
        Of a program that is not there nothing is left either.
        """
        program = Program(cast(IReactorFDSet, self.reactor), lambda status, said: None)
        with self.assertRaises(FileNotFoundError):
            program.start([str(self.directory / "none")], {}, self.directory)
        self.assertEqual((self.reactor.readers, reapProcessHandlers), ([], {}))
        self.assertEqual(len(os.listdir("/proc/self/fd")), self.before)

    def test_killed(self) -> None:
        """
        A program is killed with what it has started.
        """
        program = self.start("sleep 600 & echo $! > child; echo $$ > own; wait")
        pids = [self.pid("child"), self.pid("own")]
        program.kill()
        self.assertEqual(self.result()[0], -signal.SIGKILL)
        eventually(lambda: not any(map(alive, pids)) or None, "both to be gone")
        program.kill()

    def test_left_behind(self) -> None:
        """
        What keeps the output open when the program has ended is not waited for.
        """
        self.start("sleep 600 & echo $! > child; echo fine")
        self.assertEqual(self.result(), (0, b"fine\n"))
        os.kill(self.pid("child"), signal.SIGKILL)

    def test_much(self) -> None:
        """
        Of what is printed the beginning is kept.
        """
        self.start("head -c 300000 /dev/zero")
        self.assertEqual(self.result(), (0, b"\0" * MOST_KEPT))

    def test_endless(self) -> None:
        """
        A program that prints for ever is not read for ever.
        """
        program = self.start("yes")
        eventually(self.read_enough, "enough to be read")
        self.assertEqual(self.results, [])
        program.kill()
        self.assertEqual(self.result()[1], (b"y\n" * MOST_KEPT)[:MOST_KEPT])
        self.assertGreater(MOST_READ, MOST_KEPT)

    def read_enough(self) -> bool | None:
        self.reactor.look()
        return not self.reactor.readers or None

    def test_reaped_by_another(self) -> None:
        """
        A program whose status somebody else has taken has ended with none that is well.
        """
        program = self.start("sleep 0.1")
        pid = next(iter(reapProcessHandlers))
        os.waitpid(pid, 0)
        program.reapProcess()
        self.assertEqual(self.result(), (255, b""))

    def test_over_before_it_is_known(self) -> None:
        """
        One that has ended at once has a result all the same.
        """
        for _ in range(20):
            self.start("exit 7")
            time.sleep(0.001)
            self.assertEqual(self.result()[0], 7)
            self.results.clear()
