"""
Noticing that child processes have ended.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

from twisted.internet.process import reapAllProcesses


class ChildSignals:
    """
    Has processes reaped when SIGCHLD comes.

    Twisted's own way is the descriptor that Python writes signals to, which a uvloop
    loop has for itself while it runs.
    """

    def __init__(self, call_from_thread: Callable[[Callable[[], object]], object]) -> None:
        """
        @param call_from_thread: what has a function called in the next turn of the
            reactor, from wherever a signal comes.
        """
        self._call_from_thread = call_from_thread

    def install(self) -> None:
        """
        Begin, and reap those that have ended before.
        """
        signal.signal(signal.SIGCHLD, self._child_ended)
        signal.siginterrupt(signal.SIGCHLD, False)
        reapAllProcesses()

    def uninstall(self) -> None:
        """
        Leave the signal alone again.
        """
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def _child_ended(self, number: int, frame: object) -> None:
        self._call_from_thread(reapAllProcesses)
