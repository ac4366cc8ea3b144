"""
Tests of L{revproxy.wire.caching.request}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.request import OVERRIDES, PERSONAL, PLAIN, overrides, read_request
from revproxy.wire.forwarded import IDENTITY
from revproxy.wire.pairs import Pair
from tests.wire.attributes import attributes_of
from tests.wire.caching.messages import fields

NOTHING = attributes_of(PLAIN)
NAMES = st.sampled_from(
    sorted(OVERRIDES)
    + b"range if-range if-match cache-control pragma cookie a x-forwarded-x x-real-ip".split()
)


def told(*lines: str) -> dict[str, object]:
    """
    What is another than in a request that says nothing; that one is plain needs no telling.
    """
    asked = attributes_of(read_request(fields(*lines)))
    return {name: value for name, value in asked.items() if value != NOTHING[name] and name != "plain"}


class ReadRequestTests(SynchronousTestCase):
    def test_plain_requests(self) -> None:
        """
        Most requests say nothing to caches, or have cookies at most.
        """
        self.assertIs(read_request(fields("Host: a", "Accept: */*", "User-Agent: b")), PLAIN)
        self.assertIs(read_request(fields("Host: a", "Cookie: a=b")), PERSONAL)
        self.assertEqual(told("Cookie: a=b"), {"personal": True})
        self.assertEqual(told("Cookie: a=b", "Cookie: c=d"), {"personal": True})
        self.assertEqual(told("Authorization: x"), {"authorized": True, "personal": True})

    def test_which_are_plain(self) -> None:
        """
        Anything fresh will do for those that ask for nothing special.
        """
        for lines in ([], ["Cookie: a=b"], ["Authorization: x"], ["Cache-Control: only-if-cached"]):
            self.assertTrue(read_request(fields(*lines)).plain, lines)
        for line in (
            "If-None-Match: a", "If-Modified-Since: Sat, 28 Nov 2026 00:00:00 GMT", "Range:",
            "Range: bytes=0-1", "Cache-Control: no-cache", "Cache-Control: max-age=1", "Pragma: no-cache",
            "X-Original-URL: /a",
        ):  # fmt: skip
            self.assertFalse(read_request(fields(line)).plain, line)

    def test_preconditions(self) -> None:
        """
        RFC 9110 section 13.1: lists may have several lines, dates may not.
        """
        for lines, expected in [
            (["If-None-Match: a", "If-None-Match: b"], {"if_none_match": b"a, b", "conditional": True}),
            (["If-Match: *"], {"if_match": b"*", "conditional": True, "for_origin": True}),
            (["If-Modified-Since: x"], {"if_modified_since": b"x", "conditional": True}),
            (["If-Modified-Since: x", "If-Modified-Since: x"], {}),
            (
                ["If-Unmodified-Since: x"],
                {"if_unmodified_since": b"x", "conditional": True, "for_origin": True},
            ),
            (["If-Unmodified-Since: x", "If-Unmodified-Since: x"], {}),
        ]:
            self.assertEqual(told(*lines), expected, lines)

    def test_ranges(self) -> None:
        """
        RFC 9110 sections 13.1.5 and 14.2: of several Range fields none counts.
        """
        for lines, expected in [
            (["Range: bytes=0-1", "If-Range: a"], {"range": b"bytes=0-1", "if_range": b"a"}),
            (["Range: bytes=0-1", "Range: bytes=0-1"], {}),
            (
                ["Range: bytes=0-1", 'If-Range: "a"', 'If-Range: "a"'],
                {"range": b"bytes=0-1", "if_range": b'"a", "a"'},
            ),
        ]:
            self.assertEqual(told(*lines), expected, lines)

    def test_directives(self) -> None:
        """
        RFC 9111 section 5.2: the directives of all lines are read.
        """
        asked = read_request(
            fields("Cache-Control: no-store", "Cache-Control: max-age=5", "Pragma: no-cache")
        )
        self.assertEqual((asked.wishes.no_store, asked.wishes.max_age), (True, 5))
        self.assertFalse(asked.wishes.no_cache)
        self.assertTrue(read_request(fields("Pragma: no-cache")).wishes.no_cache)

    def test_overrides(self) -> None:
        """
        Pitfall 27: fields that some servers take in place of the method or the target are
        told.
        """
        self.assertEqual(
            told("X-HTTP-Method-Override: DELETE", "X-Original-URL: /admin", "X-Other: 1"),
            {"overrides": (b"x-http-method-override", b"x-original-url")},
        )

    def test_which_override(self) -> None:
        """
        Pitfall 27: so are those that are not known by their whole names.
        """
        for name in (
            b"x-original-url x-original-uri x-original-host x-original-method x-rewrite-url x-forwarded-path"
            b" x-forwarded-hostname x-forwarded-user x-http-host-override x-scheme front-end-https"
            b" x-middleware-subrequest base-url x-envoy-original-path"
        ).split():
            self.assertEqual(read_request([(name, b"1")]).overrides, (name,), name)

    def test_which_do_not(self) -> None:
        """
        Those do not count that go on from nobody who is not believed, nor those that tell
        addresses alone.
        """
        for name in (*IDENTITY, b"x-original-forwarded-for", b"x-forwarded", b"x-other", b"x-original"):
            self.assertIs(read_request([(name, b"1")]), PLAIN, name)

    @settings(deadline=None)
    @given(st.lists(st.tuples(NAMES, st.binary(max_size=20)), max_size=8))
    def test_any_fields(self, pairs: list[Pair]) -> None:
        """
        Nothing makes reading fail.
        """
        asked = read_request(pairs)
        self.assertEqual(asked.overrides, tuple(sorted({name for name, _ in pairs if overrides(name)})))
