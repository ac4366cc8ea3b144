"""
Tests of L{revproxy.wire.target}.
"""

import re
from urllib.parse import unquote_to_bytes

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import BadRequest
from revproxy.wire.target import Target, canonical_path, parse_target

PATH_ABSOLUTE = re.compile(rb"/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]+/?|%[0-9A-F]{2}/?)*").fullmatch

awkward_paths = st.lists(
    st.sampled_from(
        [
            "/",
            "//",
            ".",
            "..",
            "%2e",
            "%2E",
            "%252e",
            "%2f",
            "%5C",
            ";",
            "%3b",
            "a",
            "%41",
            "%c3%a4",
            "|",
            "~",
            ":",
        ]
    ),
    max_size=12,
).map(lambda parts: b"/" + "".join(parts).encode())
printable_paths = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40).map(
    lambda text: b"/" + text.encode()
)

NO_TARGETS = [
    b"",
    b"a",
    b"?a",
    b"#",
    b"/a#b",
    b"/a?b#c",
    b"http://example.com/#a",
    b"http://example.com#a",
    b"/a b",
    b"/a?b c",
    b"/a\tb",
    b"/a\x00",
    b"/a\x7f",
    b"/a\r\n",
    b"/a\n",
    b"/\xc3\xa4",
    b"/a?\xc3\xa4",
    b"ftp://example.com/",
    b"file:///etc/passwd",
    b"javascript:alert(1)",
    b"http:/example.com/",
    b"http:example.com",
    b"http://",
    b"http:///a",
    b"http://:80/",
    b"http://user@example.com/",
    b"http://user:password@example.com/",
    b"http://example.com\\@example.org/",
    b"http://exa mple.com/",
    b"http://example.com:65536/",
    b"http://example.com:80:80/",
    b"https//example.com",
    b"\\a",
    b" /",
]


def canonical_or_refused(path: bytes) -> bytes | None:
    try:
        return canonical_path(path)
    except BadRequest:
        return None


class ParseTargetTests(SynchronousTestCase):
    def test_origin_form(self) -> None:
        """
        RFC 9112 section 3.2.1: a path, with a query or without, is taken as it is.
        """
        for target, path, query in [
            (b"/", b"/", None),
            (b"/a/b%20c", b"/a/b%20c", None),
            (b"/a?", b"/a", b""),
            (b"/a?b=c&d=/e?f", b"/a", b"b=c&d=/e?f"),
            (b"//example.com/a", b"//example.com/a", None),
            (b"/http://example.com/", b"/http://example.com/", None),
            (b'/{"a|b"}?{"c|d"}[]\\^`', b'/{"a|b"}', b'{"c|d"}[]\\^`'),
        ]:
            self.assertEqual(parse_target(b"GET", target), Target(None, None, path, query), target)

    def test_absolute_form(self) -> None:
        """
        Pitfall 16, RFC 9112 section 3.2.2: the scheme and the authority are given
        apart from the path, so that they can win over Host.
        """
        for target, expected in [
            (b"http://example.com/a?b", Target(b"http", b"example.com", b"/a", b"b")),
            (b"HTTPS://Example.com:8443/", Target(b"https", b"Example.com:8443", b"/", None)),
            (b"http://example.com", Target(b"http", b"example.com", b"/", None)),
            (b"http://example.com?a", Target(b"http", b"example.com", b"/", b"a")),
            (b"http://[::1]:80/a", Target(b"http", b"[::1]:80", b"/a", None)),
        ]:
            self.assertEqual(parse_target(b"GET", target), expected, target)

    def test_asterisk_form(self) -> None:
        """
        Pitfall 16, RFC 9112 section 3.2.4: OPTIONS of the whole server, which has two
        spellings, becomes an asterisk; no other method may say it.
        """
        self.assertEqual(parse_target(b"OPTIONS", b"*"), Target(None, None, b"*", None))
        self.assertEqual(
            parse_target(b"OPTIONS", b"http://example.com"), Target(b"http", b"example.com", b"*", None)
        )
        self.assertEqual(parse_target(b"OPTIONS", b"http://example.com/").path, b"/")
        for method in (b"GET", b"HEAD", b"POST", b"options"):
            self.assertRaises(BadRequest, parse_target, method, b"*")
        self.assertRaises(BadRequest, parse_target, b"OPTIONS", b"*/a")

    def test_authority_form(self) -> None:
        """
        Pitfall 16, RFC 9112 section 3.2.3: CONNECT takes a host with a port and
        nothing else, and nothing else takes a host with a port.
        """
        self.assertEqual(
            parse_target(b"CONNECT", b"example.com:443"), Target(None, b"example.com:443", b"", None)
        )
        for method, target in [
            (b"GET", b"example.com:443"),
            (b"CONNECT", b"example.com"),
            (b"CONNECT", b"example.com:"),
            (b"CONNECT", b"/"),
            (b"CONNECT", b"*"),
            (b"CONNECT", b"http://example.com:443/"),
        ]:
            self.assertRaises(BadRequest, parse_target, method, target)

    def test_what_is_no_target(self) -> None:
        """
        Pitfall 16: fragments, controls, spaces, 8-bit characters, other schemes and
        userinfo are refused.
        """
        for target in NO_TARGETS:
            self.assertRaises(BadRequest, parse_target, b"GET", target)


class CanonicalPathTests(SynchronousTestCase):
    def test_same_resource_has_one_spelling(self) -> None:
        """
        Pitfall 17: spellings that servers take for the same resource become one (RFC
        3986 section 6.2.2).
        """
        for path, expected in [
            (b"/", b"/"),
            (b"/a/b/", b"/a/b/"),
            (b"//", b"/"),
            (b"//a///b//", b"/a/b/"),
            (b"/./a/./b/.", b"/a/b/"),
            (b"/a/../b", b"/b"),
            (b"/a/b/..", b"/a/"),
            (b"/a/b/../", b"/a/"),
            (b"/a//../b", b"/b"),
            (b"/a/..", b"/"),
            (b"/..", b"/"),
            (b"/../../../etc/passwd", b"/etc/passwd"),
            (b"/a/%2e%2e/b", b"/b"),
            (b"/a/%2E./b", b"/b"),
            (b"/a/.%2e/%2e%2e/%2e/b", b"/b"),
            (b"/%41%7a%30%2d%5f%7e", b"/Az0-_~"),
            (b"/%c3%a4%e2%82%ac", b"/%C3%A4%E2%82%AC"),
            (b'/a|b[0]{c}^`"<>', b"/a%7Cb%5B0%5D%7Bc%7D%5E%60%22%3C%3E"),
        ]:
            self.assertEqual(canonical_path(path), expected, path)

    def test_what_differs_stays_different(self) -> None:
        """
        Pitfall 17: characters with a meaning of their own keep their spelling, and
        nothing is decoded twice.
        """
        for path in [
            b"/a%2Fb",
            b"/a%5Cb",
            b"/a%3Bb",
            b"/a;b=c/d",
            b"/a%20b",
            b"/a%23b%3Fc",
            b"/%252e%252e/a",
            b"/...",
            b"/..a/.b/c..",
            b"/.well-known/acme-challenge/x",
            b"/a:b@c!$&'()*+,=d",
            b"/a%0D%0Ab",
        ]:
            self.assertEqual(canonical_path(path), path)
        self.assertEqual(canonical_path(b"/%25%32%65"), b"/%252e")

    def test_asterisk_stays(self) -> None:
        """
        The asterisk of OPTIONS is its own canonical path.
        """
        self.assertEqual(canonical_path(b"*"), b"*")

    def test_refused_paths(self) -> None:
        """
        Pitfall 17: what some server would decode or cut into another path is refused.
        """
        for path in [
            b"/%",
            b"/%4",
            b"/%zz",
            b"/%%34%31",
            b"/%2%65",
            b"/a%00",
            b"/a%00.html",
            b"/a\\b",
            b"/..\\a",
            b"/..;/a",
            b"/..;x=y/a",
            b"/a/.;/b",
            b"/a/..;",
            b"/%2e%2e;/a",
            b"/..%3b/a",
            b"/a/..%2fb",
            b"/a/..%2Fb",
            b"/a%2f../b",
            b"/a%2f..",
            b"/a/%2e%2e%2fb",
            b"/a/..%5cb",
            b"/a%5c%2e%2e",
            b"/a%2f.",
            b"",
            b"a",
        ]:
            self.assertRaises(BadRequest, canonical_path, path)

    def test_already_canonical_is_the_same_object(self) -> None:
        """
        A path that is canonical already is not copied.
        """
        path = b"/api/v1/users/123/photo.jpg"
        self.assertIs(canonical_path(path), path)

    @settings(deadline=None)
    @given(awkward_paths | printable_paths)
    def test_idempotent(self, path: bytes) -> None:
        """
        Pitfall 17: the canonical path of a canonical path is itself.
        """
        path = path.replace(b"?", b"").replace(b"#", b"")
        canonical = canonical_or_refused(path)
        if canonical is not None:
            self.assertEqual(canonical_path(canonical), canonical)

    @settings(deadline=None)
    @given(awkward_paths | printable_paths)
    def test_always_a_plain_absolute_path(self, path: bytes) -> None:
        """
        Pitfall 17: a canonical path is what RFC 3986 calls path-absolute: no space,
        control or other character that could end the request line.
        """
        canonical = canonical_or_refused(path.replace(b"?", b"").replace(b"#", b""))
        if canonical is not None:
            self.assertIsNotNone(PATH_ABSOLUTE(canonical), canonical)

    @settings(deadline=None)
    @given(awkward_paths)
    def test_no_server_climbs(self, path: bytes) -> None:
        """
        Pitfall 17: a server that decodes a canonical path once, and takes encoded
        slashes, backslashes and parameters for what they look like, finds no dots to
        climb by.
        """
        canonical = canonical_or_refused(path)
        if canonical is not None:
            decoded = unquote_to_bytes(canonical).replace(b"\\", b"/")
            segments = [segment.partition(b";")[0] for segment in decoded.split(b"/")]
            self.assertNotIn(b"..", segments)
            self.assertNotIn(b".", segments)
