"""
A file that lines are appended to while others rotate it.
"""

from __future__ import annotations

import os
from pathlib import Path

from revproxy.errors import RevproxyError

STANDARD_OUTPUT = 1
"""
The descriptor that a process writes its output to.
"""


class LogFile:
    """
    An append-only file: several processes may write to it, whole batches at a time.

    @ivar _torn: whether the last write stopped in the middle of a line.
    """

    def __init__(self, path: Path | str, standard_output: int = STANDARD_OUTPUT) -> None:
        """
        @param path: where the file is; C{"-"} is the standard output.
        @param standard_output: the descriptor that C{"-"} stands for.
        """
        self.path = path
        self._standard_output = standard_output
        self._descriptor: int | None = None
        self._torn = False

    def open(self) -> None:
        """
        Open the file, made with mode 0640 where there is none, unless it is open.

        @raise RevproxyError: it cannot be opened.
        """
        if self._descriptor is None:
            self._descriptor = self._opened()

    def reopen(self) -> None:
        """
        Open what is at the path now, and close what was open before.

        @raise RevproxyError: it cannot be opened; what was open before still is.
        """
        opened = self._opened()
        self.close()
        self._descriptor = opened

    def close(self) -> None:
        """
        Close the file, if it is open.
        """
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            self._torn = False

    def append(self, lines: bytes) -> None:
        """
        Write at the file's end, in one piece wherever the system takes it so.

        After a write that was cut short the next one begins on a line of its own.

        @param lines: whole lines, at least one.
        @raise OSError: not all could be written, or the file is not open.
        """
        if self._descriptor is None:
            raise OSError("the file is not open")
        if self._torn:
            lines = b"\n" + lines
        written = 0
        try:
            while written < len(lines):
                written += os.write(self._descriptor, lines[written:])
        finally:
            if written:
                self._torn = not lines.endswith(b"\n", 0, written)

    def _opened(self) -> int:
        """
        @return: a new descriptor for what is at the path.
        """
        try:
            if self.path == "-":
                return os.dup(self._standard_output)
            return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise RevproxyError(f"{self.path}: cannot write a log here: {error.strerror}") from error
