"""
C{type: exec}: a server is well of which a program says so.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from signal import Signals
from typing import Final, Protocol

from pydantic import ValidationInfo, field_validator
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorFDSet
from zope.interface import implementer

from revproxy.components.health.program import Program
from revproxy.config.context import directory_of
from revproxy.config.health_checks import HealthCheckSettings
from revproxy.errors import Unhealthy
from revproxy.interfaces import IHealthChecker, IProbeTarget
from revproxy.registry import Environment, component, option, required

AT_ONCE: Final = 16


class ExecCheckSettings(HealthCheckSettings):
    """
    A server is well of which a program says so by its exit status, 0.
    """

    command: list[str] = required(
        "The program and its arguments, without a shell.  It is told of the server by REVPROXY_SERVER,"
        " REVPROXY_HOST and REVPROXY_PORT.",
        min_length=1,
    )
    at_once: int = option(AT_ONCE, "How many may run at once; others wait.", ge=1, le=1000)

    @field_validator("command")
    @classmethod
    def _find(cls, command: list[str], info: ValidationInfo) -> list[str]:
        """
        A path is relative to the file, a name alone is looked for where the system looks.
        """
        if any("\0" in argument for argument in command):
            raise ValueError("no argument can have a NUL in it")
        name = command[0]
        path = os.path.abspath(directory_of(info) / name) if "/" in name else name
        found = shutil.which(path)
        if found is None:
            raise ValueError(f"there is no program {path} that can be run")
        return [found, *command[1:]]


class Running(Protocol):
    """
    A program, see L{Program}.
    """

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
        """
        Run it.
        """

    def kill(self) -> None:
        """
        End it.
        """


class _Run:
    """
    One check: it waits until it may run, and has a result when the program has ended.

    @ivar result: fires when it is over.
    """

    def __init__(self, check: ExecCheck, environment: Mapping[str, str]) -> None:
        self.result: Deferred[str] = Deferred(self._cancelled)
        self._check = check
        self._environment = environment
        self._program: Running | None = None

    def start(self, program: Running, command: Sequence[str], directory: Path) -> bool:
        """
        @return: whether it runs.
        """
        self._program = program
        try:
            program.start(command, self._environment, directory)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            self.result.errback(Unhealthy(f"{command[0]} cannot be run: {why}"))
            return False
        return True

    def ended(self, status: int, printed: bytes) -> None:
        """
        The program has ended.
        """
        self._check.vacate()
        if self.result.called:
            return
        said = _first_line(printed)
        if status == 0:
            self.result.callback(said or "exit status 0")
            return
        how = f"exit status {status}" if status > 0 else f"ended by {_signal_name(-status)}"
        self.result.errback(Unhealthy(f"{how}: {said}" if said else how))

    def _cancelled(self, result: Deferred[str]) -> None:
        if self._program is not None:
            self._program.kill()
        else:
            self._check.give_up(self)
            result.errback(Unhealthy("as many others as may were running all the time (at_once)"))


@implementer(IHealthChecker)
class ExecCheck:
    """
    Runs a program for each check, but only so many at once.

    @ivar _running: how many run.
    @ivar _waiting: those that will.
    @ivar _starting: whether some of them are being started.
    """

    def __init__(
        self,
        command: Sequence[str],
        directory: Path,
        new_program: Callable[[Callable[[int, bytes], None]], Running] | None,
        at_once: int = AT_ONCE,
    ) -> None:
        """
        @param directory: where the program runs.
        @param new_program: makes a L{Program}; C{None} where none can be run.
        """
        self._command = command
        self._directory = directory
        self._new_program = new_program
        self._at_once = at_once
        self._running = 0
        self._waiting: deque[_Run] = deque()
        self._starting = False

    def check(self, target: IProbeTarget) -> Deferred[str]:
        """
        Implement L{IHealthChecker.check}.
        """
        if self._new_program is None:
            return fail(Unhealthy("this reactor runs no programs"))
        run = _Run(self, _environment_for(target))
        self._waiting.append(run)
        self._start_some()
        return run.result

    def vacate(self) -> None:
        """
        A program has ended.
        """
        self._running -= 1
        self._start_some()

    def give_up(self, run: _Run) -> None:
        """
        One that waits need not run any more.
        """
        self._waiting.remove(run)

    def _start_some(self) -> None:
        if self._starting:
            return
        assert self._new_program is not None
        self._starting = True
        while self._waiting and self._running < self._at_once:
            run = self._waiting.popleft()
            self._running += 1
            if not run.start(self._new_program(run.ended), self._command, self._directory):
                self._running -= 1
        self._starting = False


def _environment_for(target: IProbeTarget) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "REVPROXY_SERVER": target.name,
        "REVPROXY_HOST": target.host,
        "REVPROXY_PORT": str(target.port),
    }


def _first_line(printed: bytes) -> str:
    return printed.decode("utf-8", "replace").strip().partition("\n")[0].strip()


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


@component(ExecCheckSettings)
def exec_check(settings: ExecCheckSettings, environment: Environment) -> ExecCheck:
    """
    Make the check of one upstream.
    """
    reactor = IReactorFDSet(environment.clock, None)
    new_program = None if reactor is None else lambda ended: Program(reactor, ended)
    return ExecCheck(settings.command, environment.directory, new_program, settings.at_once)
