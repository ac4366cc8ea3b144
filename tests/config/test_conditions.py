from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.conditions import parse_condition, parse_retriable, parse_share, parse_some_share
from revproxy.errors import CONDITIONS


class ConditionTests(SynchronousTestCase):
    def test_names_and_statuses(self) -> None:
        """
        A condition is a name or the status of an error.
        """
        for value in (*CONDITIONS, 400, 404, 503, 599):
            self.assertEqual(parse_condition(value), value)

    def test_refused(self) -> None:
        """
        Anything else is told with what there is.
        """
        for value in ("refused", "503", 200, 399, 600, True, None, 503.0):
            with self.assertRaises(ValueError) as raised:
                parse_condition(value)
            self.assertIn("must be one of connect-failure, ", str(raised.exception))

    def test_retriable(self) -> None:
        """
        After a response has begun no other server can be asked, and the file says so.
        """
        self.assertEqual([parse_retriable("timeout"), parse_retriable(503)], ["timeout", 503])
        with self.assertRaises(ValueError) as raised:
            parse_retriable("reset-in-response")
        self.assertIn("a part of the response already", str(raised.exception))
        with self.assertRaises(ValueError) as raised:
            parse_retriable(200)
        self.assertNotIn("reset-in-response", str(raised.exception))


class ShareTests(SynchronousTestCase):
    def test_shares(self) -> None:
        """
        A share is written in per cent.
        """
        self.assertEqual([parse_share(text) for text in ("0%", "20%", "100%")], [0.0, 0.2, 1.0])

    def test_some(self) -> None:
        """
        Some options need more than nothing.
        """
        self.assertEqual(parse_some_share("1%"), 0.01)
        for value in ("0%", "00%", "101%"):
            self.assertRaises(ValueError, parse_some_share, value)

    def test_refused(self) -> None:
        """
        Nothing else is one.
        """
        for value in ("20", "101%", "-1%", "2.5%", "%", 20, 0.2, None):
            self.assertRaises(ValueError, parse_share, value)
