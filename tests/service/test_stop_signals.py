from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.service.stop_signals import StopSignals


class Reactor:
    """
    Counts how often it is stopped.
    """

    def __init__(self) -> None:
        self.stops = 0

    def callWhenRunning(self, act: Callable[..., object]) -> None:
        act()

    def callFromThread(self, act: Callable[..., object], *arguments: Any) -> None:
        act(*arguments)

    def stop(self) -> None:
        self.stops += 1


class StopSignalsTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            self.addCleanup(signal.signal, number, signal.getsignal(number))
            signal.signal(number, self.not_ours)
        self.reactor = Reactor()

    def not_ours(self, number: int, frame: object) -> None:
        self.fail("the reaction before was called")

    def start(self) -> None:
        StopSignals(self.reactor).startService()

    def test_stops(self) -> None:
        """
        Either signal stops the reactor, in place of whoever listened before.
        """
        for number, stops in ((signal.SIGTERM, 1), (signal.SIGINT, 2)):
            self.start()
            os.kill(os.getpid(), number)
            self.assertEqual(self.reactor.stops, stops)

    def test_stops_once(self) -> None:
        """
        Further signals change nothing.
        """
        self.start()
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        self.assertEqual(self.reactor.stops, 1)

    def test_ignored(self) -> None:
        """
        A signal that is to be ignored still is.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.start()
        os.kill(os.getpid(), signal.SIGINT)
        self.assertEqual(self.reactor.stops, 0)
