"""
Tests of L{revproxy.wire.caching.targeted}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.response_directives import NOTHING_SAID
from revproxy.wire.caching.targeted import CDN, SURROGATE, effective_directives
from tests.wire.attributes import attributes_of
from tests.wire.caching.messages import fields

SILENT = attributes_of(NOTHING_SAID)


def told(
    *lines: str, targets: tuple[bytes, ...] = (CDN,), capability: bytes | None = None
) -> dict[str, object]:
    """
    What is another than where nothing is said, but for extensions.
    """
    said = attributes_of(effective_directives(fields(*lines), targets, capability))
    del said["extensions"]
    return {name: value for name, value in said.items() if value != SILENT[name]}


class TargetedTests(SynchronousTestCase):
    def test_it_counts_alone(self) -> None:
        """
        RFC 9213 section 2.2: Cache-Control does not count beside a targeted field.
        """
        rows: list[tuple[str, dict[str, object]]] = [
            ("max-age=3600", {"max_age": 3600}),
            ("max-age=99999999999", {"max_age": 2**31}),
            ("foobar, max-age=3600", {"max_age": 3600}),
            ("max-age=3600;x=1", {"max_age": 3600}),
            ("private", {"private": True}),
            ("no-cache", {"no_cache": True}),
            ('no-cache="a, b"', {"no_cache_fields": (b"a", b"b")}),
            ("no-store", {"no_store": True}),
            ("must-revalidate, max-age=1", {"must_revalidate": True, "max_age": 1}),
            ("none", {}),
            ("no-store=?0", {}),
            ("max-age=1, max-age=2", {"max_age": 2}),
        ]
        for value, expected in rows:
            said = told("Cache-Control: no-transform, max-age=10", f"CDN-Cache-Control: {value}")
            self.assertEqual(said, {"targeted": True, **expected}, value)

    def test_several_lines(self) -> None:
        """
        RFC 9651 section 4.2: the lines of a field are one value.
        """
        said = told("CDN-Cache-Control: max-age=1", "CDN-Cache-Control: no-cache")
        self.assertEqual(said, {"targeted": True, "max_age": 1, "no_cache": True})

    def test_malformed_values_do_not_count(self) -> None:
        """
        RFC 9213 section 2.1: a field that is empty or malformed counts as absent.
        """
        for value in ["", "max-age=10000, &&&&&", "MaX-aGe=3600", "max-age =100", "max-age= 100", "a,"]:
            said = told("Cache-Control: no-store", f"CDN-Cache-Control: {value}")
            self.assertEqual(said, {"no_store": True}, value)

    def test_values_of_other_types(self) -> None:
        """
        RFC 9213 section 2.1: a lifetime of another type is none, so the response is
        stale, and field names of another type are none.
        """
        for value in ['"10000"', "10.5", "-1", "abc", "?1", "(1 2)", "@10000"]:
            self.assertEqual(
                told(f"CDN-Cache-Control: max-age={value}"), {"targeted": True, "max_age": 0}, value
            )
        for value in ["a", "1", "(a b)"]:
            said = told(f"CDN-Cache-Control: no-cache={value}, private={value}")
            self.assertEqual(said, {"targeted": True, "no_cache": True, "private": True}, value)

    def test_order_of_targets(self) -> None:
        """
        RFC 9213 section 2.2: the first target that is there counts; those that are no
        targets do not.
        """
        lines = ("Cache-Control: max-age=1", "CDN-Cache-Control: max-age=2", "X-Cache-Control: max-age=3")
        for targets, expected in [
            ((), {"max_age": 1}),
            ((b"y-cache-control",), {"max_age": 1}),
            ((CDN,), {"max_age": 2, "targeted": True}),
            ((b"y-cache-control", CDN, b"x-cache-control"), {"max_age": 2, "targeted": True}),
            ((b"x-cache-control", CDN), {"max_age": 3, "targeted": True}),
        ]:
            self.assertEqual(told(*lines, targets=targets), expected, targets)

    def test_repeated_values_are_remembered(self) -> None:
        """
        A value that comes again and again is read once, by the rules of its own field.
        """
        for value, remembered in [("max-age=5, x=remembered", True), ("max-age=5, x=" + 600 * "x", False)]:
            response = fields(f"CDN-Cache-Control: {value}", f"Surrogate-Control: {value};us")
            for targets in [(CDN,), (SURROGATE,)]:
                said = [effective_directives(response, targets, b"us") for _ in range(4)]
                self.assertEqual(said[2] is said[3], remembered, value)
        self.assertIsNot(
            effective_directives(response, (CDN,), b"us"), effective_directives(response, (SURROGATE,), b"us")
        )
        for capability, expected in [(b"us", True), (b"them", False), (None, False), (b"us", True)]:
            response = fields("Surrogate-Control: max-age=5;us")
            found = effective_directives(response, (SURROGATE,), capability)
            self.assertEqual(found.targeted, expected, capability)

    @settings(deadline=None)
    @given(st.binary(max_size=40) | st.text("max-ge=5,;+no stre", max_size=40).map(str.encode))
    def test_any_octets(self, value: bytes) -> None:
        """
        Nothing makes reading fail.
        """
        for name in (CDN, SURROGATE):
            effective_directives([(name, value)], (CDN, SURROGATE), b"x")


class SurrogateTests(SynchronousTestCase):
    def surrogate(self, value: str, *lines: str) -> dict[str, object]:
        return told(f"Surrogate-Control: {value}", *lines, targets=(SURROGATE,), capability=b"us")

    def test_directives(self) -> None:
        """
        Edge Architecture section 2.2: what is for us or for all counts, in any case.
        """
        rows: list[tuple[str, dict[str, object]]] = [
            ("max-age=3600", {"max_age": 3600}),
            ("MaX-aGe=3600", {"max_age": 3600}),
            ("max-age=99999999999", {"max_age": 2**31}),
            ('content="ESI/1.0", max-age=3600', {"max_age": 3600}),
            ("max-age=3600+600", {"max_age": 3600, "stale_while_revalidate": 600}),
            ("max-age=3600;us", {"max_age": 3600}),
            ("max-age=60;them, max-age=3600;us", {"max_age": 3600}),
            ("no-store", {"no_store": True}),
            ("no-store; us", {"no_store": True}),
            ("max-age=3600, private", {"max_age": 3600, "private": True}),
            ("max-age=x", {"max_age": 0}),
            ("max-age =100", {"max_age": 0}),
            ("max-age= 100", {"max_age": 0}),
        ]
        for value, expected in rows:
            self.assertEqual(
                self.surrogate(value, "Cache-Control: no-transform"), {"targeted": True, **expected}, value
            )

    def test_what_does_not_count(self) -> None:
        """
        A field that tells us no lifetime leaves Cache-Control to count.
        """
        for value in ["", 'content="ESI/1.0"', "max-age=3600;them", "no-store-remote", "=,;", "foo"]:
            self.assertEqual(self.surrogate(value, "Cache-Control: max-age=1"), {"max_age": 1}, value)
