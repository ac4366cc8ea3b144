"""
Tests for L{revproxy.reactor.reasons}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.reactor.reasons import DONE, LOST, log_of_loop, reason_of


class ReasonTests(SynchronousTestCase):
    def raised(self, error: Exception) -> Exception:
        try:
            raise error
        except type(error) as caught:
            return caught

    def test_of_the_network(self) -> None:
        """
        The network's errors were never raised, and are not logged.
        """
        self.assertIs(reason_of(None), DONE)
        self.assertIs(reason_of(BrokenPipeError(32, "broken")), LOST)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_of_a_protocol(self) -> None:
        """
        What a protocol raised is the reason itself.
        """
        error = self.raised(ZeroDivisionError())
        self.assertIs(reason_of(error).value, error)

    def test_logged_once(self) -> None:
        """
        The loop tells of all that is raised, but for what could be the network's.
        """
        log_of_loop(None, {"message": "Fatal error on transport", "exception": ZeroDivisionError()})
        reason_of(self.raised(ZeroDivisionError()))
        reason_of(self.raised(OSError()))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
