"""
Cases of the conformance suite about fields and keys: C{headers}, C{vary}, C{vary-parse},
C{interim} and what of C{other} is about keys and cookies.
"""

from revproxy.wire.caching.policy import Policy
from tests.wire.caching.conformance import DATE, FRESH, PAUSE, ConformanceCase, Row
from tests.wire.caching.messages import NOW, at, fields
from tests.wire.caching.simple_cache import CACHED, FORWARDED, Answer

LASTING = ("Cache-Control: max-age=5000", f"Last-Modified: {at(-3000)}", DATE)
HOUR = "Cache-Control: max-age=3600"
STORED = [
    "Test-Header",
    "X-Test-Header",
    "Content-Foo",
    "X-Content-Foo",
    "Content-Encoding",
    "Content-Location",
    "Content-MD5",
    "Content-Range",
    "Content-Security-Policy",
    "Content-Type",
    "Clear-Site-Data",
    "ETag",
    "Expires",
    "Public-Key-Pins",
    "Set-Cookie",
    "Set-Cookie2",
    "X-Frame-Options",
    "X-XSS-Protection",
]
OF_THE_CONNECTION = [
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authentication-Info",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Transfer-Encoding",
    "Upgrade",
]

TWO = ("Foo: 1", "Bar: abc")
THREE = (*TWO, "Baz: 789")

MATCHING = [
    ("vary-match", CACHED, "Foo", ("Foo: 1",), ("Foo: 1",)),
    ("vary-no-match", FORWARDED, "Foo", ("Foo: 1",), ("Foo: 2",)),
    ("vary-omit-stored", FORWARDED, "Foo", (), ("Foo: 1",)),
    ("vary-omit", FORWARDED, "Foo", ("Foo: 1",), ()),
    ("vary-cache-key", CACHED, "Foo", ("Foo: 1", "Other: 2"), ("Foo: 1", "Other: 3")),
    ("vary-2-match", CACHED, "Foo, Bar", TWO, TWO),
    ("vary-2-no-match", FORWARDED, "Foo, Bar", TWO, ("Foo: 2", "Bar: abc")),
    ("vary-2-match-omit", FORWARDED, "Foo, Bar", TWO, ()),
    ("vary-3-match", CACHED, "Foo, Bar, Baz", THREE, THREE),
    ("vary-3-no-match", FORWARDED, "Foo, Bar, Baz", THREE, ("Foo: 2", *THREE[1:])),
    ("vary-3-order", FORWARDED, "Foo, Bar, Baz", THREE, ("Foo: 1", "Baz: 789", "Bar: abcde")),
    ("vary-3-omit", CACHED, "Foo, Bar, Baz", ("Foo: 1", "Baz: 789"), ("Foo: 1", "Baz: 789")),
    ("vary-star", FORWARDED, "*", ("Foo: 1",), ("Foo: 1",)),
    ("vary-normalise-combine", CACHED, "Foo", ("Foo: 1, 2",), ("Foo: 1", "Foo: 2")),
    ("vary-normalise-space", CACHED, "Foo", ("Foo: 1,2",), ("Foo:  1, 2 ",)),
    (
        "vary-normalise-lang-case",
        CACHED,
        "Accept-Language",
        ("Accept-Language: en, de",),
        ("Accept-Language: eN, De",),
    ),
    (
        "vary-normalise-lang-space",
        CACHED,
        "Accept-Language",
        ("Accept-Language: en, de",),
        ("Accept-Language:  en ,   de",),
    ),
    (
        "vary-normalise-lang-order",
        FORWARDED,
        "Accept-Language",
        ("Accept-Language: en, de",),
        ("Accept-Language: de, en",),
    ),
]
"""
The case, what becomes of the second request, C{Vary}, and fields of both requests.
"""


class FieldTests(ConformanceCase):
    def test_stored_fields(self) -> None:
        """
        headers: every field is stored, but for those of one connection.  That cookies are
        is for the operator to say.
        """
        for name in STORED:
            row = Row(f"headers-store-{name}", "3.1", CACHED, (DATE, f"{name}: B", HOUR))
            got = self.play(row, Policy(store_cookies=True))
            self.assertEqual((got.how, got.fields.get(name.lower().encode())), (CACHED, b"B"), name)
        for name in OF_THE_CONNECTION:
            got = self.play(Row(f"headers-store-{name}", "3.1", CACHED, (DATE, f"{name}: B", HOUR)))
            self.assertEqual((got.how, got.fields.get(name.lower().encode())), (CACHED, None), name)

    def test_nominated_fields(self) -> None:
        """
        headers-omit-headers-listed-in-Connection.
        """
        got = self.play(Row("", "3.1", CACHED, (*FRESH, "Connection: a, b", "a: 1", "b: 2", "c: 3")))
        self.assertEqual({name for name, _ in got.fields} & {b"a", b"b", b"c"}, {b"c"})

    def test_cookies(self) -> None:
        """
        other: the cookies of a client do not keep a response from it that is for all;
        responses that set some are stored where the operator says so.
        """
        self.check([Row("other-cookie", "3", CACHED, FRESH, ("Cookie: a=b",))])
        row = Row("other-set-cookie", "7.3", CACHED, (*FRESH, "Set-Cookie: a=b"))
        self.check([row], Policy(store_cookies=True))
        self.check([row._replace(expected=FORWARDED)])
        self.check(
            [
                Row(
                    "other-fresh-content-disposition-attachment",
                    "3",
                    CACHED,
                    (*FRESH, "Content-Disposition: attachment"),
                )
            ]
        )

    def test_queries(self) -> None:
        """
        query-args-different, query-args-same.
        """
        cache = self.cache()
        cache.ask(NOW, (), Answer(fields(*FRESH)), query=b"test=1")
        self.assertEqual(cache.ask(NOW + 3, query=b"test=2").how, FORWARDED)
        self.assertEqual(cache.ask(NOW + 3, query=b"test=1").how, CACHED)

    def test_interim_responses(self) -> None:
        """
        interim-not-cached: what is not final is not stored.
        """
        for status in (102, 103):
            self.check(
                [
                    Row(
                        "interim-not-cached",
                        "3",
                        FORWARDED,
                        ("Cache-Control: max-age=100000", DATE),
                        status=status,
                    )
                ]
            )


class VaryTests(ConformanceCase):
    def test_matching(self) -> None:
        """
        vary: the fields that are named have to match.
        """
        self.check(
            Row(case, "4.1", expected, (*LASTING, f"Vary: {vary}"), request, first)
            for case, expected, vary, first, request in MATCHING
        )

    def test_asterisks(self) -> None:
        """
        vary-parse: an asterisk anywhere.
        """
        for case, values in [
            ("star", ["*"]),
            ("star-star", ["*, *"]),
            ("star-star-lines", ["*", "*"]),
            ("empty-star", [", *"]),
            ("empty-star-lines", ["", "*"]),
            ("star-foo", ["*, Foo"]),
            ("foo-star", ["Foo, *"]),
        ]:
            response = (*LASTING, *(f"Vary: {value}" for value in values))
            self.check([Row(f"vary-syntax-{case}", "4.1", FORWARDED, response, ("Foo: 1",), ("Foo: 1",))])

    def test_two_variants(self) -> None:
        """
        vary-invalidate: each request gets its own variant.
        """
        cache = self.cache()
        for value in ("1", "2"):
            lines = (*LASTING, "Vary: Foo", f"A: {value}")
            self.assertEqual(cache.ask(NOW, fields(f"Foo: {value}"), Answer(fields(*lines))).how, FORWARDED)
        got = cache.ask(NOW + PAUSE, fields("Foo: 1"))
        self.assertEqual((got.how, got.fields.get(b"a")), (CACHED, b"1"))
