"""
Tests for L{revproxy.reactor.child_signals}.
"""

from __future__ import annotations

import signal

from twisted.internet.process import reapAllProcesses
from twisted.trial.unittest import SynchronousTestCase

from revproxy.reactor.child_signals import ChildSignals


class ChildSignalsTests(SynchronousTestCase):
    def setUp(self) -> None:
        before = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.addCleanup(signal.signal, signal.SIGCHLD, before)
        self.called: list[object] = []
        self.signals = ChildSignals(self.called.append)

    def test_installed(self) -> None:
        """
        A signal has processes reaped in the next turn.
        """
        self.signals.install()
        signal.raise_signal(signal.SIGCHLD)
        self.assertEqual(self.called, [reapAllProcesses])

    def test_uninstalled(self) -> None:
        """
        After it the signal is nobody's.
        """
        self.signals.install()
        self.signals.uninstall()
        self.assertEqual(signal.getsignal(signal.SIGCHLD), signal.SIG_DFL)
