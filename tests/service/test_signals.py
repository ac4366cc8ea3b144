from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

from twisted.internet.interfaces import IReactorFromThreads
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer

from revproxy.service.signals import SignalService


@implementer(IReactorFromThreads)
class LaterReactor:
    """
    Keeps what is to be called in the reactor.
    """

    def __init__(self) -> None:
        self.calls: list[Callable[[], object]] = []

    def callFromThread(self, callable: Callable[[], object], *args: object, **kwargs: object) -> None:
        self.calls.append(callable)


class SignalTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.addCleanup(signal.signal, signal.SIGUSR1, signal.getsignal(signal.SIGUSR1))
        self.reactor = LaterReactor()
        self.acted: list[str] = []
        self.service = SignalService(self.reactor, {signal.SIGUSR1: lambda: self.acted.append("ours")})

    def test_acts_in_the_reactor(self) -> None:
        """
        A signal is acted on in the reactor, not where it interrupts.
        """
        self.service.startService()
        signal.raise_signal(signal.SIGUSR1)
        self.assertEqual(self.acted, [])
        (call,) = self.reactor.calls
        call()
        self.assertEqual(self.acted, ["ours"])

    def test_others_are_asked_too(self) -> None:
        """
        Who listened before still hears of the signal.
        """

        def theirs(number: int, frame: FrameType | None) -> None:
            self.acted.append("theirs")

        signal.signal(signal.SIGUSR1, theirs)
        self.service.startService()
        signal.raise_signal(signal.SIGUSR1)
        self.assertEqual((self.acted, len(self.reactor.calls)), (["theirs"], 1))

    def test_put_back(self) -> None:
        """
        Afterwards it is as it was before.
        """
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        self.service.startService()
        self.service.stopService()
        self.assertEqual(signal.getsignal(signal.SIGUSR1), signal.SIG_IGN)
