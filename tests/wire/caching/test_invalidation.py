"""
Tests of L{revproxy.wire.caching.invalidation}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.invalidation import Resource, invalidated, is_unsafe
from tests.wire.caching.messages import fields

TARGET = Resource(b"http", b"example.com", b"/a/b", b"q=1")
REFERENCES = st.text("/:.?#@%a2h\\ []\t", max_size=20) | st.sampled_from(
    ["http://example.com/x", "//example.com:80"]
)


def urls(*lines: str, method: bytes = b"POST", status: int = 200, target: Resource = TARGET) -> list[bytes]:
    """
    What is invalidated beside the target itself.
    """
    found = invalidated(method, status, target, fields(*lines))
    return [
        b"%b://%b%b" % other[:3] + (b"" if other.query is None else b"?" + other.query)
        for other in found
        if other != target
    ]


class InvalidatedTests(SynchronousTestCase):
    def test_target(self) -> None:
        """
        RFC 9111 section 4.4: the target of an unsafe request that was no failure.
        """
        for method in [b"POST", b"PUT", b"DELETE", b"PATCH", b"M-SEARCH", b"get", b"UNKNOWN"]:
            self.assertTrue(is_unsafe(method), method)
            for status in (200, 201, 204, 299, 301, 303, 304, 399):
                self.assertEqual(invalidated(method, status, TARGET, ()), [TARGET], (method, status))
            for status in (100, 199, 400, 404, 500, 503, 599):
                self.assertEqual(invalidated(method, status, TARGET, ()), [], (method, status))

    def test_safe_methods(self) -> None:
        """
        RFC 9110 section 9.2.1: what is safe invalidates nothing.
        """
        for method in [b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PROPFIND", b"QUERY"]:
            self.assertFalse(is_unsafe(method), method)
            self.assertEqual(invalidated(method, 200, TARGET, fields("Location: /x")), [], method)

    def test_locations(self) -> None:
        """
        RFC 9111 section 4.4: what Location and Content-Location name, absolute or
        relative, each once and in canonical form.
        """
        for lines, expected in [
            (["Location: /x"], [b"http://example.com/x"]),
            (["Content-Location: /x"], [b"http://example.com/x"]),
            (["Location: location_target"], [b"http://example.com/a/location_target"]),
            (
                ["Location: /x", "Content-Location: /y?z=1"],
                [b"http://example.com/x", b"http://example.com/y?z=1"],
            ),
            (["Location: /x", "Content-Location: /x"], [b"http://example.com/x"]),
            (["Location: http://example.com/x#fragment"], [b"http://example.com/x"]),
            (["Location: HTTP://EXAMPLE.com:80/x"], [b"http://example.com/x"]),
            (["Location: //example.com/x"], [b"http://example.com/x"]),
            (["Location: ../c/./d"], [b"http://example.com/c/d"]),
            (["Location: /%7Ex"], [b"http://example.com/~x"]),
            (["Location: ?q=2"], [b"http://example.com/a/b?q=2"]),
            (["Location: b"], [b"http://example.com/a/b"]),
            (["Location: http://example.com"], [b"http://example.com/"]),
            (["Location: b?q=1", "Content-Location:"], []),
        ]:
            self.assertEqual(urls(*lines), expected, lines)

    def test_other_origins(self) -> None:
        """
        RFC 9111 section 4.4: another scheme, host or port is left alone, so that no
        server can empty another's cache.
        """
        for reference in [
            "https://example.com/x",
            "http://example.org/x",
            "http://example.com:8080/x",
            "//example.org/x",
            "http://example.com@example.org/x",
            "http://example.org\\@example.com/x",
            "ftp://example.com/x",
            "mailto:a@example.com",
            "http://[::1/x",
            "http://example.com:x/x",
            "/x y",
            "/%00",
            "/%zz",
            "/" + "a" * 9000,
            "/\xe4",
        ]:
            self.assertEqual(urls(f"Location: {reference}"), [], reference)

    def test_own_port(self) -> None:
        """
        RFC 3986 section 6.2.3: the port of the scheme and none are the same; what is
        found is spelt as the target is.
        """
        target = Resource(b"https", b"example.com:443", b"/", None)
        self.assertEqual(
            urls("Location: https://example.com/x", target=target), [b"https://example.com:443/x"]
        )
        target = Resource(b"http", b"[::1]:8080", b"/", None)
        self.assertEqual(urls("Location: http://[0::1]:8080/x", target=target), [b"http://[::1]:8080/x"])

    @settings(deadline=None)
    @given(REFERENCES)
    def test_any_reference(self, reference: str) -> None:
        """
        Nothing makes reading fail, and what is found has the target's origin.
        """
        for found in invalidated(b"POST", 200, TARGET, [(b"location", reference.encode())]):
            self.assertEqual(found[:2], TARGET[:2])
            self.assertEqual(found.path[:1], b"/")
