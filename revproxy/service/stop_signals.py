"""
An orderly end on signals.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from twisted.application.service import Service
from twisted.logger import Logger
from typing_extensions import override

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopSignals(Service):
    """
    Stops the reactor on SIGTERM and SIGINT.

    After the reactor's own reaction C{twistd} would end itself by the same signal
    once more; what has ended in order has the exit status 0.
    """

    _log = Logger()

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._stopping = False

    @override
    def startService(self) -> None:
        """
        React from when the reactor runs: it sets up its own reaction just before.
        """
        super().startService()
        self._reactor.callWhenRunning(self._listen)

    def _listen(self) -> None:
        for number in _SIGNALS:
            # Who started us may have the signal ignored.
            if callable(signal.getsignal(number)):
                signal.signal(number, self._caught)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        self._reactor.callFromThread(self._stop, signal.Signals(number).name)

    def _stop(self, name: str) -> None:
        """
        Begin to stop; to be told again changes nothing.
        """
        if not self._stopping:
            self._stopping = True
            self._log.info("stopping on {name}", name=name)
            self._reactor.stop()
