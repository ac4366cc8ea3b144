from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.messages import MOST_LISTED, described, one_line, unknown
from tests.config.files import MINIMAL, FileTestCase


class UnknownTests(SynchronousTestCase):
    def test_nearest_and_list(self) -> None:
        """
        The known names are listed, and the nearest is told.
        """
        self.assertEqual(
            unknown("balancer", "least-conection", ["round-robin", "least-connections"]),
            "no balancer is called 'least-conection'; there are: least-connections, round-robin"
            " (did you mean 'least-connections'?)",
        )

    def test_nothing_near(self) -> None:
        """
        Nothing is suggested where nothing is near.
        """
        self.assertEqual(unknown("key", "zzz", ["a", "b"]), "no key is called 'zzz'; there are: a, b")

    def test_none_known(self) -> None:
        """
        That there are none is said.
        """
        self.assertEqual(unknown("filter", "x", []), "no filter is called 'x'; there are none")

    def test_long_lists(self) -> None:
        """
        A list too long to read is left out.
        """
        known = [f"name-{number}" for number in range(MOST_LISTED + 1)]
        self.assertEqual(
            unknown("upstream", "name-1x", known),
            "no upstream is called 'name-1x' (did you mean 'name-1'?)",
        )


class DescribedTests(SynchronousTestCase):
    def test_kinds(self) -> None:
        """
        Values are called as a person who wrote them would.
        """
        values = [None, True, False, {"a": 1}, [1], "x", 5, 1.5]
        self.assertEqual(
            [described(value) for value in values],
            ["nothing", "true", "false", "a mapping", "a list", "the text 'x'", "5", "1.5"],
        )

    def test_long_values(self) -> None:
        """
        Long values are cut.
        """
        self.assertLess(len(described("x" * 1000)), 80)
        self.assertLess(len(described(10**90)), 80)


class OneLineTests(SynchronousTestCase):
    def test_controls(self) -> None:
        """
        Line breaks and escapes of terminals do nothing; letters stay.
        """
        self.assertEqual(one_line("a\nb\x1b[31m\u2028é"), "a\\nb\\x1b[31m\\u2028é")


class ExplainedTests(FileTestCase):
    """
    The messages of wrong values, as they come out of a file.
    """

    def assertSaid(self, added: str, *said: str) -> None:
        self.assertEqual([f"{key}: {message}" for key, message in self.complaints(added)], list(said))

    def test_wrong_types(self) -> None:
        """
        What would be right is said, and what is there.
        """
        self.assertSaid(
            """\
            limits: {fields: many, requests: 1.5}
            forwarded: {forwarded: yes}
            trusted_proxies: 10.0.0.0/8
            filters: []
            access_log: on
            """,
            "limits.fields: must be a whole number, not the text 'many'",
            "limits.requests: must be a whole number, not 1.5",
            "forwarded.forwarded: must be true or false, not the text 'yes'",
            "trusted_proxies: must be a list, not the text '10.0.0.0/8'",
            "filters: must be a mapping, not a list",
            "access_log: must be a mapping, not the text 'on'",
        )

    def test_nothing_there(self) -> None:
        """
        A key without a value is told.
        """
        self.assertSaid("limits:\n", "limits: must be a mapping, not nothing")

    def test_out_of_range(self) -> None:
        """
        The bound of a number is said.
        """
        self.assertSaid("limits: {fields: 0}", "limits.fields: must be at least 1, not 0")

    def test_unknown_keys(self) -> None:
        """
        The nearest key is told, under the name that the file uses.
        """
        self.assertSaid(
            "timeouts: {continu: 5s}",
            "timeouts.continu: no key is called 'continu'; there are: body_grace, continue,"
            " half_closed, head, idle, slow_reader (did you mean 'continue'?)",
        )

    def test_values_of_units(self) -> None:
        """
        The messages of units arrive as they are.
        """
        self.assertSaid(
            "drain_timeout: 30",
            "drain_timeout: must be a duration such as 500ms, 10s, 5m, 1h or 1d, not 30",
        )

    def test_values_cannot_forge_lines(self) -> None:
        """
        What is in the file stays within the line of its message.
        """
        (problem, *_) = self.problems(MINIMAL + 'trusted_proxies: ["x\\nforged.yaml:1:1: "]')
        self.assertNotIn("\n", str(problem))
