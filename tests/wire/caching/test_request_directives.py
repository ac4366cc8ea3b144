"""
Tests of L{revproxy.wire.caching.request_directives}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.request_directives import (
    NO_WISHES,
    RequestDirectives,
    read_request_directives,
)
from revproxy.wire.caching.seconds import MOST
from tests.wire.attributes import attributes_of

NONE = attributes_of(NO_WISHES)


def wished(cache_control: bytes | None, pragma: bytes | None = None) -> dict[str, object]:
    """
    What is another than where nothing is asked for.
    """
    wishes = attributes_of(read_request_directives(cache_control, pragma))
    return {name: value for name, value in wishes.items() if value != NONE[name]}


class ReadRequestDirectivesTests(SynchronousTestCase):
    def test_directives(self) -> None:
        """
        RFC 9111 section 5.2.1, RFC 5861 section 4: each directive is told, and whether
        anything fresh will do.
        """
        for value, expected in [
            (b"max-age=0", {"max_age": 0, "any_fresh": False}),
            (b'Max-Age="5"', {"max_age": 5, "any_fresh": False}),
            (b"max-stale", {"max_stale": MOST}),
            (b"max-stale=5", {"max_stale": 5}),
            (b"max-stale=0", {"max_stale": 0}),
            (b"min-fresh=5", {"min_fresh": 5, "any_fresh": False}),
            (b"min-fresh=0", {}),
            (b"no-cache", {"no_cache": True, "any_fresh": False}),
            (b"no-cache=1", {"no_cache": True, "any_fresh": False}),
            (b"no-store", {"no_store": True}),
            (b"no-transform", {"no_transform": True}),
            (b"only-if-cached", {"only_if_cached": True}),
            (b"stale-if-error=5", {"stale_if_error": 5}),
            (b"max-age=1, max-age=2", {"max_age": 1, "any_fresh": False}),
            (b"something=else", {}),
            (b"", {}),
        ]:
            self.assertEqual(wished(value), expected, value)

    def test_numbers(self) -> None:
        """
        What is no number asks for nothing stale, and for something new.
        """
        for argument in [b"x", b"-1", b"1.5", b"", b'""', b" 5"]:
            self.assertEqual(wished(b"max-age=" + argument), {"max_age": 0, "any_fresh": False}, argument)
            for name in (b"max-stale=", b"min-fresh=", b"stale-if-error="):
                self.assertEqual(wished(name + argument), {}, name + argument)
        self.assertEqual(wished(b"max-age"), {"max_age": 0, "any_fresh": False})
        self.assertEqual(wished(b"max-age=99999999999")["max_age"], MOST)

    def test_pragma(self) -> None:
        """
        RFC 7234 section 5.4: Pragma counts where there is no Cache-Control.
        """
        asked = {"no_cache": True, "any_fresh": False}
        for pragma, cache_control, expected in [
            (b"no-cache", None, asked),
            (b"x, No-Cache", None, asked),
            (b"no-cache", b"max-stale=5", {"max_stale": 5}),
            (b"no-cache", b"", {}),
            (b"unrecognised-extension", None, {}),
            (b"no-cache=1", None, {}),
        ]:
            self.assertEqual(wished(cache_control, pragma), expected, pragma)

    def test_nothing_asked(self) -> None:
        """
        A request without both fields asks for nothing.
        """
        self.assertIs(read_request_directives(None, None), NO_WISHES)
        self.assertEqual(attributes_of(RequestDirectives()), NONE)

    def test_repeated_values_are_remembered(self) -> None:
        """
        A value that comes again and again is read once; a long one always.
        """
        for value, remembered in [(b"max-age=0, x=remembered", True), (b"max-age=0, x=" + 300 * b"x", False)]:
            read_request_directives(value, None), read_request_directives(value, None)
            one, other = read_request_directives(value, None), read_request_directives(value, None)
            self.assertEqual(one is other, remembered, value)

    @settings(deadline=None)
    @given(st.binary(max_size=60) | st.text('max-ge=5,"nostlirf ', max_size=60).map(str.encode))
    def test_any_octets(self, value: bytes) -> None:
        """
        Nothing makes reading fail, and numbers are in their bounds.
        """
        wishes = read_request_directives(value, value)
        for number in (wishes.max_age, wishes.max_stale, wishes.min_fresh, wishes.stale_if_error):
            self.assertTrue(number is None or 0 <= number <= MOST)
