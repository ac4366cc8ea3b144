"""
Tests of L{revproxy.wire.caching.vary}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.vary import MOST_NAMES, rank, secondary_key, vary_names
from revproxy.wire.pairs import Pair
from tests.wire.caching.messages import fields

NAMES = st.sampled_from([b"a", b"b", b"cookie", b"accept-encoding", b"accept-language"])
VALUES = st.binary(max_size=12) | st.text('gzip, q=;.05"*', max_size=12).map(str.encode)
REQUESTS = st.lists(st.tuples(NAMES, VALUES), max_size=5)


def matches(vary: str, one: list[str], other: list[str]) -> bool:
    """
    Whether the response to one request fits the other.
    """
    names = vary_names(fields(f"Vary: {vary}"))
    if names is None:
        return False
    return secondary_key(names, fields(*one)) == secondary_key(names, fields(*other))


class VaryNamesTests(SynchronousTestCase):
    def test_names(self) -> None:
        """
        RFC 9110 section 12.5.5: a list of names in any case, of all lines; neither order
        nor repetition matter.
        """
        for lines, expected in [
            ([], ()),
            (["Vary:"], ()),
            (["Vary: Foo"], (b"foo",)),
            (["Vary: Foo, bar ,,Baz"], (b"bar", b"baz", b"foo")),
            (["Vary: b", "Vary: a, B"], (b"a", b"b")),
        ]:
            self.assertEqual(vary_names(fields(*lines)), expected, lines)

    def test_what_fits_nothing(self) -> None:
        """
        RFC 9111 section 4.1: an asterisk anywhere, and what cannot be read.
        """
        for lines in [
            ["Vary: *"],
            ["Vary: *, *"],
            ["Vary: *", "Vary: *"],
            ["Vary: , *"],
            ["Vary:", "Vary: *"],
            ["Vary: *, Foo"],
            ["Vary: Foo, *"],
            ["Vary: foo bar"],
            ["Vary: foo:"],
            ["Vary: \xe4"],
            ["Vary: " + ", ".join(f"a{index}" for index in range(MOST_NAMES + 1))],
        ]:
            self.assertIsNone(vary_names(fields(*lines)), lines)

    @settings(deadline=None)
    @given(st.binary(max_size=30))
    def test_any_octets(self, value: bytes) -> None:
        """
        Nothing makes reading fail.
        """
        names = vary_names([(b"vary", value)])
        self.assertTrue(names is None or b"*" not in names)


class RankTests(SynchronousTestCase):
    def test_order(self) -> None:
        """
        RFC 9111 sections 4 and 4.1: the newest of those that fit, and one with C{Vary}
        before one without.
        """
        old, new, plain = rank((b"foo",), 5), rank((b"bar", b"foo"), 6), rank((), 7)
        self.assertEqual(max(old, new, plain), new)
        self.assertEqual(max(plain, rank((), 6)), plain)


class SecondaryKeyTests(SynchronousTestCase):
    def check(self, rows: list[tuple[str, str, list[str], list[str], bool]]) -> None:
        """
        @param rows: each the section, C{Vary}, the fields of two requests, and whether
            they match.
        """
        for section, vary, one, other, expected in rows:
            self.assertEqual(matches(vary, one, other), expected, (section, vary, one, other))
            self.assertEqual(matches(vary, other, one), expected, (section, vary, other, one))

    def test_matching(self) -> None:
        """
        RFC 9111 section 4.1: all named fields have to match, and no others; absent ones
        match absent ones.
        """
        self.check(
            [
                ("4.1", "Foo", ["Foo: 1"], ["Foo: 1"], True),
                ("4.1", "Foo", ["Foo: 1"], ["Foo: 2"], False),
                ("4.1", "Foo", ["Foo: 1"], [], False),
                ("4.1", "Foo", ["Foo:"], [], False),
                ("4.1", "Foo", [], [], True),
                ("4.1", "Foo", ["Foo: 1", "Other: 2"], ["Foo: 1", "Other: 3"], True),
                ("4.1", "Foo, Bar", ["Foo: 1", "Bar: abc"], ["Foo: 1", "Bar: abc"], True),
                ("4.1", "Foo, Bar", ["Foo: 1", "Bar: abc"], ["Foo: 2", "Bar: abc"], False),
                ("4.1", "Foo, Bar", ["Foo: 1", "Bar: abc"], [], False),
                ("4.1", "Foo, Bar", ["Foo: 1"], ["Bar: 1"], False),
                ("4.1", "Foo, Bar", ["Foo: 1", "Bar: 2"], ["Bar: 2", "Foo: 1"], True),
                (
                    "4.1",
                    "Foo, Bar, Baz",
                    ["Foo: 1", "Bar: a", "Baz: 7"],
                    ["Foo: 1", "Baz: 7", "Bar: ab"],
                    False,
                ),
                ("4.1", "Foo, Bar, Baz", ["Foo: 1", "Baz: 7"], ["Foo: 1", "Baz: 7"], True),
                ("4.1", "*", ["Foo: 1"], ["Foo: 1"], False),
                ("4.1", "Foo", ["Foo: a"], ["Foo: A"], False),
            ]
        )

    def test_white_space_and_lines(self) -> None:
        """
        RFC 9111 section 4.1: white space and the number of lines do not matter, where the
        field can be a list; the order does.
        """
        self.check(
            [
                ("4.1", "Foo", ["Foo: 1, 2"], ["Foo: 1", "Foo: 2"], True),
                ("4.1", "Foo", ["Foo: 1,2"], ["Foo:  1, 2 "], True),
                ("4.1", "Foo", ["Foo: 1, 2"], ["Foo: 2, 1"], False),
                ("4.1", "Foo", ["Foo: 1 2"], ["Foo: 12"], False),
                ("4.1", "Foo", ['Foo: "a, b"'], ['Foo: "a,b"'], False),
                ("4.1", "Cookie", ["Cookie: a=1, 2"], ["Cookie: a=1,2"], False),
                ("4.1", "Cookie", ["Cookie: a=1; b=2"], ["Cookie: a=1", "Cookie: b=2"], True),
                ("4.1", "User-Agent", ["User-Agent: a (b, c)"], ["User-Agent: a (b,c)"], False),
            ]
        )

    def test_encodings(self) -> None:
        """
        RFC 9110 section 12.5.3: neither case nor order of codings matter, nor how a weight
        is spelt; the weight does.
        """
        name = "Accept-Encoding: "
        self.check(
            [
                ("12.5.3", name[:-2], [name + one], [name + other], expected)
                for one, other, expected in [
                    ("gzip, br", "br,gzip", True),
                    ("gzip, br", "GZip , Br", True),
                    ("gzip", "gzip, gzip", True),
                    ("x-gzip", "gzip", True),
                    ("gzip;q=1.0", "gzip", True),
                    ("gzip ; q=0.500, *;q=0", "gzip;q=0.5,*;q=0.000", True),
                    ("gzip;q=0", "gzip", False),
                    ("gzip;q=0.5", "gzip;q=0.4", False),
                    ("gzip;q=0.5", "gzip", False),
                    ("gzip", "br", False),
                    ("gzip", "", False),
                    ("gzip;q=2", "gzip", False),
                ]
            ]
        )
        self.check([("12.5.3", "Accept-Encoding", [name], [], False)])

    def test_languages(self) -> None:
        """
        RFC 9110 section 12.5.4: neither case nor white space matter, nor how a weight is
        spelt; the order does, as some take it for preference.
        """
        name = "Accept-Language: "
        self.check(
            [
                ("12.5.4", name[:-2], [name + one], [name + other], expected)
                for one, other, expected in [
                    ("en, de", "eN, De", True),
                    ("en, de", " en ,   de", True),
                    ("en;q=0.50, de;q=1", "en;q=0.5,de", True),
                    ("en, de", "de, en", False),
                    ("en-US", "en", False),
                    ("en;q=0.5", "en;q=0.6", False),
                ]
            ]
        )

    def test_long_values(self) -> None:
        """
        Long values are compared as they are.
        """
        long = ", ".join(f"a{index}" for index in range(200))
        self.check(
            [
                ("4.1", "Accept-Encoding", [f"Accept-Encoding: {long}"], [f"Accept-Encoding: {long}"], True),
                (
                    "4.1",
                    "Accept-Language",
                    [f"Accept-Language: {long}"],
                    [f"Accept-Language: {long}, b"],
                    False,
                ),
            ]
        )

    @settings(deadline=None)
    @given(st.lists(NAMES, unique=True), REQUESTS, REQUESTS)
    def test_different_fields_do_not_match(
        self, names: list[bytes], one: list[Pair], other: list[Pair]
    ) -> None:
        """
        Whatever the values hold, requests match only where the octets that count are the
        same: none can be taken for another field's, or for an absent one.
        """
        if secondary_key(names, one) == secondary_key(names, other):
            for name in names:
                self.assertEqual(significant(name, one), significant(name, other), name)


def significant(name: bytes, request: list[Pair]) -> list[int] | None:
    """
    The letters and digits of a field that no normalisation touches, in any order; C{None}
    where it is absent.
    """
    values = [value for known, value in request if known == name]
    if not values:
        return None
    untouched = b"4678wyk" if name.startswith(b"accept-") else bytes(range(0x30, 0x80))
    return sorted(set(b"".join(values).lower()) & set(untouched))
