from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.health.exec import ExecCheck, ExecCheckSettings, exec_check
from revproxy.errors import Unhealthy
from revproxy.registry import Environment
from revproxy.testing import StandInTarget, TalkingHealthCheckerContract
from tests.components.health.checks import CheckFileTestCase

Ended = Callable[[int, bytes], None]

TELL = b"well\n"


class Talk(Protocol):
    """
    The connection of a program that waits for a server to say that it is well.
    """

    def __init__(self, program: Client) -> None:
        self._program = program
        self._heard = b""

    @override
    def dataReceived(self, data: bytes) -> None:
        self._heard += data
        if self._heard.endswith(b"\n") or len(self._heard) > 100:
            self._program.end(0 if self._heard == TELL else 1)

    @override
    def connectionLost(self, reason: Failure | None = None) -> None:
        self._program.end(2)


class Client:
    """
    A program that connects to the server that it is told of.
    """

    def __init__(self, targets: Sequence[StandInTarget], ended: Ended) -> None:
        self._targets = {target.name: target for target in targets}
        self._ended = ended
        self._over = False
        self._talk = Talk(self)

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
        target = self._targets[environment["REVPROXY_SERVER"]]
        factory = Factory()
        factory.buildProtocol = lambda addr: self._talk  # type: ignore[method-assign]
        self._connecting: Deferred[IProtocol] = target.connect(factory)
        self._connecting.addErrback(lambda failure: self.end(3))

    def kill(self) -> None:
        self.end(-9)

    def end(self, status: int) -> None:
        if self._over:
            return
        self._over = True
        self._connecting.cancel()
        if self._talk.transport is not None:
            self._talk.transport.loseConnection()
        self._ended(status, b"")


class ExecCheckContractTests(TalkingHealthCheckerContract, SynchronousTestCase):
    healthy_answer = TELL

    @override
    def make_checker(self) -> ExecCheck:
        servers = [self.target, self.other]
        return ExecCheck(["program"], Path("/"), lambda ended: Client(servers, ended))


class Recorded:
    """
    A program that only keeps what it is to do.

    @ivar error: raised when it is started.
    """

    def __init__(self, ended: Ended, error: Exception | None = None) -> None:
        self.ended = ended
        self.killed = False
        self.started: tuple[Sequence[str], Mapping[str, str], Path] | None = None
        self._error = error

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
        self.started = (arguments, environment, directory)
        if self._error is not None:
            raise self._error

    def kill(self) -> None:
        self.killed = True


class ExecCheckTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.target = StandInTarget()
        self.programs: list[Recorded] = []
        self.error: Exception | None = None
        self.checker = ExecCheck(["/bin/check", "-v"], Path("/etc"), self.new_program, at_once=2)

    def new_program(self, ended: Ended) -> Recorded:
        self.programs.append(Recorded(ended, self.error))
        return self.programs[-1]

    def check(self) -> Deferred[str]:
        return self.checker.check(self.target)

    def said(self, checking: Deferred[str]) -> str:
        return str(self.failureResultOf(checking, Unhealthy).value)

    def test_started(self) -> None:
        """
        The program is told of the server, and else of nothing but where programs are.
        """
        self.check()
        (program,) = self.programs
        expected = {
            "PATH": os.environ["PATH"],
            "REVPROXY_SERVER": "http://127.0.0.1:8001",
            "REVPROXY_HOST": "127.0.0.1",
            "REVPROXY_PORT": "8001",
        }
        self.assertEqual(program.started, (["/bin/check", "-v"], expected, Path("/etc")))

    def test_well(self) -> None:
        """
        Exit status 0 is well; the first line that was printed is what was seen.
        """
        for printed, seen in {b"": "exit status 0", b"\n fine\nreally\n": "fine"}.items():
            checking = self.check()
            self.assertNoResult(checking)
            self.programs[-1].ended(0, printed)
            self.assertEqual(self.successResultOf(checking), seen)

    def test_not_well(self) -> None:
        """
        Any other is not, nor is the end by a signal.
        """
        for status, printed, said in (
            (1, b"", "exit status 1"),
            (2, b"no connection\nat all", "exit status 2: no connection"),
            (1, b"\xff\xfe", "exit status 1: \ufffd\ufffd"),
            (-11, b"", "ended by SIGSEGV"),
            (-64, b"?", "ended by SIGRTMAX: ?"),
            (-99, b"", "ended by signal 99"),
        ):
            checking = self.check()
            self.programs[-1].ended(status, printed)
            self.assertEqual(self.said(checking), said)

    def test_not_found(self) -> None:
        """
        A program that cannot be run any more is told of, without its arguments: they may
        be secret.
        """
        self.error = FileNotFoundError(2, "No such file or directory")
        self.assertEqual(self.said(self.check()), "/bin/check cannot be run: No such file or directory")
        self.error = ValueError("embedded null byte")
        self.assertEqual(self.said(self.check()), "/bin/check cannot be run: embedded null byte")

    def test_none_run_here(self) -> None:
        """
        Where no programs can be run no server is well.
        """
        checking = ExecCheck(["/bin/check"], Path("/"), None).check(self.target)
        self.assertEqual(self.said(checking), "this reactor runs no programs")

    def test_killed(self) -> None:
        """
        A program is killed when nobody waits for it any more.
        """
        checking = self.check()
        checking.cancel()
        self.failureResultOf(checking)
        self.assertTrue(self.programs[0].killed)
        self.programs[0].ended(-9, b"")

    def test_at_once(self) -> None:
        """
        No more run at once than may; the others wait, in their order.
        """
        first, second, third, fourth = (self.check() for _ in range(4))
        self.assertEqual(len(self.programs), 2)
        self.programs[1].ended(0, b"second")
        self.assertEqual((len(self.programs), self.successResultOf(second)), (3, "second"))
        self.programs[2].ended(0, b"third")
        self.programs[0].ended(0, b"first")
        self.programs[3].ended(0, b"fourth")
        self.assertEqual(
            [self.successResultOf(each) for each in (first, third, fourth)], ["first", "third", "fourth"]
        )

    def test_killed_is_not_gone(self) -> None:
        """
        One that was killed counts until it has ended.
        """
        for checking in [self.check(), self.check()]:
            checking.cancel()
            self.failureResultOf(checking)
        waiting = self.check()
        self.assertEqual(len(self.programs), 2)
        self.programs[0].ended(-9, b"")
        self.assertEqual(len(self.programs), 3)
        self.programs[2].ended(0, b"")
        self.successResultOf(waiting)

    def test_waits_in_vain(self) -> None:
        """
        One that never got its turn says so, and is not run later.
        """
        self.check(), self.check()
        waiting = self.check()
        waiting.cancel()
        self.assertEqual(self.said(waiting), "as many others as may were running all the time (at_once)")
        self.programs[0].ended(0, b"")
        self.assertEqual(len(self.programs), 2)

    def test_cannot_be_run_is_no_turn(self) -> None:
        """
        Programs that cannot be run make room for the next at once.
        """
        self.check(), self.check()
        waiting = [self.check() for _ in range(5)]
        self.error = FileNotFoundError(2, "gone")
        self.programs[0].ended(0, b"")
        for each in waiting:
            self.assertEqual(self.said(each), "/bin/check cannot be run: gone")


class ExecCheckSettingsTests(CheckFileTestCase):
    def command(self, written: str) -> list[str]:
        return self.settings(ExecCheckSettings, f"exec, command: {written}").command

    def test_found(self) -> None:
        """
        A program is found where the system looks for it, or by its path relative to the file.
        """
        name, *arguments = self.command("[sh, -c, 'exit 0']")
        self.assertRegex(name, r"^/.*/sh$")
        self.assertEqual(arguments, ["-c", "exit 0"])
        program = self.directory / "check"
        program.touch(0o755)
        self.assertEqual(self.command("[./check]"), [str(program)])
        self.assertEqual(self.command(f"[{program}]"), [str(program)])

    def test_wrong(self) -> None:
        """
        What cannot be run is refused.
        """
        self.directory.joinpath("data").touch(0o644)
        for written, said in {
            "[no-such-program]": "command: there is no program no-such-program that can be run",
            "[./data]": f"command: there is no program {self.directory}/data that can be run",
            "[]": "command: must have at least 1 of them",
            "check": "command: must be a list, not the text 'check'",
            "[sh, 5]": "command.1: must be text, not 5",
            r'[sh, "\0"]': "command: no argument can have a NUL in it",
        }.items():
            self.assertEqual(self.said(f"exec, command: {written}"), [said])
        self.assertEqual(self.said("exec"), ["command: is missing"])

    def test_checked_only(self) -> None:
        """
        Where a file is only checked nothing is run.
        """
        settings = self.settings(ExecCheckSettings, "exec, command: [sh]")
        checker = exec_check(settings, Environment(Clock(), Random(0), self.directory))
        assert isinstance(checker, ExecCheck)
        self.failureResultOf(checker.check(StandInTarget()), Unhealthy)
