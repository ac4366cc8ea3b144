"""
Tests for L{revproxy.edge.upstream_settings}.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.turn import TurnWriter
from revproxy.edge.upstream_settings import UpstreamHttp1Settings
from revproxy.flow.pool.terms import UpstreamTimeouts


class SettingsTests(SynchronousTestCase):
    def settings(self, timeouts: UpstreamTimeouts) -> UpstreamHttp1Settings:
        self.clock = Clock()
        return UpstreamHttp1Settings(self.clock, TurnWriter(self.clock), timeouts)

    def test_first_wait(self) -> None:
        """
        The head of a response has the time to the first byte, within that of the whole.
        """
        waits = [
            self.settings(UpstreamTimeouts(first_byte=first_byte, response=10)).first_wait
            for first_byte in (4, 40)
        ]
        self.assertEqual(waits, [4, 10])

    def test_time(self) -> None:
        """
        The time is the clock's.
        """
        settings = self.settings(UpstreamTimeouts())
        self.clock.advance(3)
        self.assertEqual(settings.seconds(), 3)
