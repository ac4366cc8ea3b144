"""
Tests of L{revproxy.flow.pool.events}.
"""

from __future__ import annotations

from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.pool.events import Events


class EventsTests(SynchronousTestCase):
    def test_a_line_for_each_change(self) -> None:
        """
        A change of a state is one line of the log, with its reason, and is counted.
        """
        events = Events("app")
        with capturedLogs() as logged:
            events.worse("down", "http://one", "refused")
            events.better("up", "http://one", "200")
        self.assertEqual(
            [(event["log_level"], formatEvent(event)) for event in logged],
            [
                (LogLevel.warn, "upstream app: http://one: down: refused"),
                (LogLevel.info, "upstream app: http://one: up: 200"),
            ],
        )
        self.assertEqual(events.counts, {"down": 1, "up": 1})

    def test_counted_only(self) -> None:
        """
        What is no change of a state is counted and not logged.
        """
        events = Events("app")
        with capturedLogs() as logged:
            events.count("retry")
            events.count("retry")
        self.assertEqual((logged, events.counts["retry"]), ([], 2))
