"""
Tests of L{revproxy.wire.caching.response_directives}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.response_directives import (
    NOTHING_SAID,
    ResponseDirectives,
    read_response_directives,
)
from revproxy.wire.caching.seconds import MOST
from tests.wire.attributes import attributes_of
from tests.wire.caching.messages import fields

SILENT = attributes_of(NOTHING_SAID)


def told(*values: str) -> dict[str, object]:
    """
    What is another than where nothing is said.
    """
    said = read_response_directives(fields(*(f"Cache-Control: {value}" for value in values)))
    return {name: value for name, value in attributes_of(said).items() if value != SILENT[name]}


class ReadResponseDirectivesTests(SynchronousTestCase):
    def test_directives(self) -> None:
        """
        RFC 9111 section 5.2.2, RFC 5861, RFC 8246: each directive is told.
        """
        for value, expected in [
            ("max-age=5", {"max_age": 5}),
            ('max-age="5"', {"max_age": 5}),
            ("MaX-aGe=3600", {"max_age": 3600}),
            ("max-age=003600", {"max_age": 3600}),
            ("s-maxage=5", {"s_maxage": 5}),
            ("stale-while-revalidate=5", {"stale_while_revalidate": 5}),
            ("stale-if-error=5", {"stale_if_error": 5}),
            ("no-store", {"no_store": True}),
            ("No-StOrE", {"no_store": True}),
            ("no-cache", {"no_cache": True}),
            ("private", {"private": True}),
            ("public", {"public": True}),
            ("must-revalidate", {"must_revalidate": True}),
            ("proxy-revalidate", {"proxy_revalidate": True}),
            ("must-understand", {"must_understand": True}),
            ("no-transform", {"no_transform": True}),
            ("immutable", {"immutable": True}),
            ('no-cache="A, b"', {"no_cache_fields": (b"a", b"b")}),
            ("no-cache=a", {"no_cache_fields": (b"a",)}),
            ('private="set-cookie"', {"private_fields": (b"set-cookie",)}),
            ("foobar, max-age=3600", {"max_age": 3600, "extensions": ((b"foobar", None),)}),
        ]:
            self.assertEqual(told(value), expected, value)

    def test_numbers(self) -> None:
        """
        RFC 9111 sections 1.2.2 and 4.2.1: a number that is too large is the largest; what
        is no number is 0, so that the response is stale.
        """
        for argument, expected in [
            ("2147483647", 2**31 - 1),
            ("2147483648", MOST),
            ("99999999999", MOST),
            ("0", 0),
            ("-3600", 0),
            ("a3600", 0),
            ("3600a", 0),
            ("3600.0", 0),
            ("'3600'", 0),
            (" 3600", 0),
            ("", 0),
            ('""', 0),
        ]:
            self.assertEqual(told(f"max-age={argument}"), {"max_age": expected}, argument)
        self.assertEqual(told("max-age"), {"max_age": 0})
        self.assertEqual(told("max-age =3600"), {"max_age": 0})

    def test_repeated_lifetimes(self) -> None:
        """
        RFC 9111 section 4.2.1: the first one counts, in one line or in several.
        """
        self.assertEqual(told("max-age=1800, max-age=1"), {"max_age": 1800})
        self.assertEqual(told("max-age=1", "max-age=1800"), {"max_age": 1})
        self.assertEqual(told("max-age=x, max-age=1800"), {"max_age": 0})

    def test_quoted_directives(self) -> None:
        """
        RFC 9111 section 5.2: what stands in a quoted argument is no directive.
        """
        for value in ['extension="max-age=3600", max-age=1', 'max-age=1, extension="max-age=3600"']:
            self.assertEqual(told(value)["max_age"], 1, value)

    def test_conflicts(self) -> None:
        """
        RFC 9111 section 4.2.1: of conflicting directives none gets lost, so the most
        restrictive one can be heeded; without field names is more restrictive than with.
        """
        self.assertEqual(told("no-store, max-age=5"), {"no_store": True, "max_age": 5})
        for value in ['no-cache="a", no-cache', 'no-cache, no-cache="a"', 'no-cache="a b"', "no-cache="]:
            self.assertEqual(told(value), {"no_cache": True}, value)
        for value in ['private="a", private', 'private=""', 'private="a\x00"']:
            self.assertEqual(told(value), {"private": True}, value)
        self.assertEqual(told('no-cache="a"', 'no-cache="b"'), {"no_cache_fields": (b"a", b"b")})

    def test_arguments_where_none_belong(self) -> None:
        """
        What forbids does so with any argument; what allows does not with any.
        """
        for name, attribute in [
            ("no-store", "no_store"),
            ("must-revalidate", "must_revalidate"),
            ("proxy-revalidate", "proxy_revalidate"),
            ("no-transform", "no_transform"),
        ]:
            for value in [f"{name}=1", f'{name}="x"', f"{name} =1", f'x="y, {name}']:
                self.assertIs(told(value).get(attribute), True, value)
        for name in ["public", "must-understand", "immutable"]:
            for value in [f"{name}=1", f'{name}=""', f"{name} =1"]:
                self.assertEqual(told(value), {}, value)

    def test_broken_quotation_allows_nothing(self) -> None:
        """
        Where nobody can tell what is quoted, the response is not fresh.
        """
        said = told('x="y, public, max-age=3600, no-cache="a"')
        self.assertEqual(said.pop("extensions"), ((b"x", b"\0"),))
        self.assertEqual(said, {"max_age": 0, "no_cache": True})

    def test_nothing_said(self) -> None:
        """
        Without the field, and with an empty one, nothing is said.
        """
        self.assertIs(read_response_directives(()), NOTHING_SAID)
        self.assertEqual(told(""), {})
        self.assertEqual(attributes_of(ResponseDirectives()), SILENT)

    def test_repeated_values_are_remembered(self) -> None:
        """
        A value that comes again and again is read once; a long one always.
        """
        asked = fields("Cache-Control: max-age=31536000, immutable, x=remembered")
        read_response_directives(asked), read_response_directives(asked)
        self.assertIs(read_response_directives(asked), read_response_directives(asked))
        asked = fields("Cache-Control: max-age=31536000, immutable, x=" + 500 * "x")
        read_response_directives(asked), read_response_directives(asked)
        self.assertIsNot(read_response_directives(asked), read_response_directives(asked))

    @settings(deadline=None)
    @given(st.binary(max_size=60) | st.text('max-ge=5,"no cr', max_size=60).map(str.encode))
    def test_any_octets(self, value: bytes) -> None:
        """
        Nothing makes reading fail, and lifetimes are in their bounds.
        """
        said = read_response_directives([(b"cache-control", value)])
        for lifetime in (said.max_age, said.s_maxage, said.stale_if_error, said.stale_while_revalidate):
            self.assertTrue(lifetime is None or 0 <= lifetime <= MOST)

    @settings(deadline=None)
    @given(st.lists(st.sampled_from(["no-store", "public", "max-age=60", "x", 'no-cache="a"', "private"])))
    def test_no_directive_gets_lost(self, written: list[str]) -> None:
        """
        In whatever company a directive that forbids is heeded.
        """
        said = read_response_directives(fields("Cache-Control: " + ", ".join(written)))
        self.assertEqual(said.no_store, "no-store" in written)
        self.assertEqual(said.private, "private" in written)
        self.assertEqual(said.no_cache_fields, (b"a",) * written.count('no-cache="a"'))
