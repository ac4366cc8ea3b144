"""
What the process does on signals.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorFromThreads
from typing_extensions import override


class SignalService(Service):
    """
    Acts on signals in the reactor, beside whoever listened to them before.
    """

    def __init__(
        self, reactor: IReactorFromThreads, actions: Mapping[signal.Signals, Callable[[], object]]
    ) -> None:
        self._reactor = reactor
        self._actions = actions
        self._before: dict[signal.Signals, Any] = {}

    @override
    def startService(self) -> None:
        super().startService()
        for number, act in self._actions.items():
            self._before[number] = before = signal.getsignal(number)
            signal.signal(number, self._reaction(before, act))

    @override
    def stopService(self) -> None:
        super().stopService()
        for number, before in self._before.items():
            signal.signal(number, before)

    def _reaction(self, before: Any, act: Callable[[], object]) -> Callable[[int, FrameType | None], None]:
        def caught(number: int, frame: FrameType | None) -> None:
            if callable(before):
                before(number, frame)
            self._reactor.callFromThread(act)

        return caught
