"""
A program that is run, and killed with all that it has started.

Twisted's own processes share our process group, where they cannot be killed with what
they have started, and beginning one takes time for each descriptor that is open: with ten
thousand connections that holds up all of them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from typing import IO, Final

from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.internet.process import registerReapProcessHandler, unregisterReapProcessHandler
from twisted.python.failure import Failure
from zope.interface import implementer

MOST_KEPT: Final = 4096
"""
Octets that are kept of what a program prints.
"""

MOST_READ: Final = 1 << 20
"""
Octets that are read of it.  A program that prints more has to wait, and is late.
"""

_PIECE: Final = 65536
_NO_STATUS: Final = 255


@implementer(IReadDescriptor)
class _Output:
    """
    Our end of the pipe that a program prints into.

    @ivar kept: the beginning of what was printed.
    """

    def __init__(self, reactor: IReactorFDSet, pipe: IO[bytes]) -> None:
        """
        @param pipe: is closed by L{close}.
        """
        self.kept = b""
        self._reactor = reactor
        self._pipe = pipe
        self._left = MOST_READ
        os.set_blocking(pipe.fileno(), False)
        reactor.addReader(self)

    def fileno(self) -> int:
        """
        Implement L{IReadDescriptor}.
        """
        return -1 if self._pipe.closed else self._pipe.fileno()

    def doRead(self) -> None:
        """
        Implement L{IReadDescriptor}.
        """
        data = self._read()
        self._left -= len(data)
        if not data or self._left <= 0:
            self._reactor.removeReader(self)

    def connectionLost(self, reason: Failure) -> None:
        """
        Implement L{IReadDescriptor}: the reactor watches it no more.
        """

    def logPrefix(self) -> str:
        """
        Implement L{ILoggingContext}.
        """
        return "health check"

    def close(self) -> None:
        """
        Take what is there, and no more: the pipe may be kept open by others for long.
        """
        self._reactor.removeReader(self)
        self._read()
        self._pipe.close()

    def _read(self) -> bytes:
        try:
            data = os.read(self._pipe.fileno(), _PIECE)
        except BlockingIOError:
            return b""
        self.kept += data[: MOST_KEPT - len(self.kept)]
        return data


class Program:
    """
    A program with a process group of its own, from its start until it was reaped.
    """

    def __init__(self, reactor: IReactorFDSet, ended: Callable[[int, bytes], None]) -> None:
        """
        @param reactor: one that notices when children end, as those of Twisted do.
        @param ended: called with the exit status, or minus the number of the signal that
            ended it; and with the beginning of what it printed, its errors included.
        """
        self._reactor = reactor
        self._ended = ended

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
        """
        Run it, without a shell and without any of our descriptors.

        @raise OSError: it cannot be.
        """
        self._process = Popen(
            arguments,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            bufsize=0,
            cwd=directory,
            env=environment,
            process_group=0,
        )
        assert self._process.stdout is not None
        self._output = _Output(self._reactor, self._process.stdout)
        registerReapProcessHandler(self._process.pid, self)

    def kill(self) -> None:
        """
        End it now, and all that it has started; C{ended} is still called.
        """
        if self._process.returncode is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return  # It is dead already, or not ours to kill.

    def reapProcess(self) -> None:
        """
        Called by Twisted whenever a child has ended.
        """
        pid = self._process.pid
        try:
            found, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            found, status = pid, _NO_STATUS << 8  # Somebody else has reaped it.
        if found:
            unregisterReapProcessHandler(pid, self)
            self.processEnded(status)

    def processEnded(self, status: int) -> None:
        """
        Called by Twisted when it has reaped the program.

        @param status: as C{waitpid} gives it.
        """
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._output.close()
        self._ended(self._process.returncode, self._output.kept)
