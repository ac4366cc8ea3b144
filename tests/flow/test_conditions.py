"""
Tests of L{revproxy.flow.conditions}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy import errors
from revproxy.flow.conditions import ANY_FAILURE, Conditions


class ConditionsTests(SynchronousTestCase):
    def test_errors(self) -> None:
        """
        An error is among them by its condition, one that is no server's doing never.
        """
        conditions = Conditions(["timeout"])
        self.assertTrue(conditions.has_error(errors.UpstreamTimeout()))
        self.assertFalse(conditions.has_error(errors.UpstreamRefused()))
        self.assertFalse(ANY_FAILURE.has_error(errors.RequestTimeout()))

    def test_statuses(self) -> None:
        """
        A response is among them by its status.
        """
        conditions = Conditions(["timeout"], [502, 503])
        self.assertEqual([conditions.has_status(status) for status in (500, 502, 503)], [False, True, True])
        self.assertTrue(conditions.has_statuses)
        self.assertFalse(Conditions(["timeout"]).has_statuses)

    def test_names(self) -> None:
        """
        Every condition that the file knows is that of an error, and the other way about.
        """
        kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
        found = {getattr(kind, "condition", "") for kind in kinds} - {""}
        self.assertEqual(found, set(errors.CONDITIONS))
