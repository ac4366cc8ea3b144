from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.statuses import parse_statuses


class StatusesTests(SynchronousTestCase):
    def test_right(self) -> None:
        """
        A number is one status, a range has both of its ends.
        """
        self.assertEqual(parse_statuses(200), range(200, 201))
        self.assertEqual(parse_statuses(599), range(599, 600))
        self.assertEqual(parse_statuses("300-399"), range(300, 400))
        self.assertEqual(parse_statuses("404-404"), range(404, 405))

    def test_wrong(self) -> None:
        """
        Interim statuses, numbers that are none, and ranges that are empty are refused.
        """
        values: list[object] = [100, 199, 600, True, 204.0, None, []]
        for value in [*values, "200", "100-199", "500-600", "299-200", "200-", "2xx"]:
            error = self.assertRaises(ValueError, parse_statuses, value)
            self.assertSubstring("a status from 200 to 599 or a range such as 300-399", str(error))
