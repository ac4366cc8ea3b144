"""
Tests of L{revproxy.wire.caching.storable}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.policy import DEFAULT, Policy
from revproxy.wire.caching.request import read_request
from revproxy.wire.caching.statuses import HEURISTICALLY_CACHEABLE, NEVER, UNDERSTOOD
from revproxy.wire.caching.storable import is_overridden, why_not_stored
from revproxy.wire.caching.targeted import effective_directives
from tests.wire.caching.messages import at, fields

EXPIRES = f"Expires: {at(3600)}"
DIRECTIVES = st.sampled_from(
    [
        "public",
        "max-age=60",
        "s-maxage=60",
        "must-revalidate",
        "must-understand",
        "immutable",
        "x=y",
        'no-cache="a"',
    ]
)
LINES = st.sampled_from(
    [
        EXPIRES,
        'ETag: "a"',
        f"Last-Modified: {at(-100)}",
        "Content-Type: text/html",
        "CDN-Cache-Control: max-age=5",
    ]
)
STATUSES = st.sampled_from(sorted(UNDERSTOOD | NEVER | {100, 299, 499, 599}))


def judged(
    response: list[str],
    request: list[str] | None = None,
    status: int = 200,
    method: bytes = b"GET",
    policy: Policy = DEFAULT,
    path: bytes = b"/",
    has_content: bool = False,
) -> str | None:
    received = fields(*response)
    asked = read_request(fields(*(request or [])))
    said = effective_directives(received, policy.targets, policy.capability)
    return why_not_stored(asked, method, has_content, path, status, received, said, policy)


class JudgedCase(SynchronousTestCase):
    """
    Plays rows.
    """

    def check(
        self, rows: list[tuple[str, list[str], list[str], str | None]], policy: Policy = DEFAULT
    ) -> None:
        """
        @param rows: each the section, fields of the request and of the response, and why
            it is not stored.
        """
        for section, request, response, expected in rows:
            self.assertEqual(judged(response, request, policy=policy), expected, (section, request, response))


class DirectiveTests(JudgedCase):
    def test_directives(self) -> None:
        """
        RFC 9111 section 3: what the directives of both sides forbid is not stored.
        """
        self.check(
            [
                ("3", [], [], None),
                ("3", [], ["Cache-Control: max-age=60"], None),
                ("5.2.2.5", [], ["Cache-Control: no-store"], "no-store"),
                ("5.2.2.5", [], ["Cache-Control: No-StOrE"], "no-store"),
                ("5.2.2.5", [], ["Cache-Control: max-age=10000, no-store", EXPIRES], "no-store"),
                ("5.2.2.5", [], ["Cache-Control: public, s-maxage=5", "Cache-Control: no-store"], "no-store"),
                ("5.2.2.7", [], ["Cache-Control: private, max-age=3600"], "private"),
                ("5.2.2.7", [], ["Cache-Control: public, private"], "private"),
                ("5.2.2.7", [], ['Cache-Control: private="a", max-age=3600'], None),
                ("5.2.2.4", [], ["Cache-Control: no-cache"], None),
                ("5.2.2.3", [], ["Cache-Control: max-age=3600, no-store, must-understand"], None),
                ("5.2.2.3", [], ["Cache-Control: private, no-store, must-understand"], "private"),
                ("5.2.1.5", ["Cache-Control: no-store"], ["Cache-Control: max-age=60"], "request-no-store"),
                ("5.2.1.4", ["Cache-Control: no-cache"], ["Cache-Control: max-age=60"], None),
                ("5.4", ["Pragma: no-cache"], ["Cache-Control: max-age=60", "Pragma: no-cache"], None),
            ]
        )

    def test_authorization(self) -> None:
        """
        Pitfall 29, RFC 9111 section 3.5: the response to a request with credentials is
        stored only where it says that it is for all.
        """
        credentials = ["Authorization: FOO"]
        self.check(
            [
                ("3.5", credentials, [EXPIRES], "authorization"),
                ("3.5", credentials, ["Cache-Control: max-age=3600"], "authorization"),
                ("3.5", credentials, ["Cache-Control: max-age=3600, proxy-revalidate"], "authorization"),
                ("5.2.2.9", credentials, ["Cache-Control: max-age=3600, public"], None),
                ("5.2.2.2", credentials, ["Cache-Control: max-age=3600, must-revalidate"], None),
                ("5.2.2.10", credentials, ["Cache-Control: s-maxage=3600"], None),
                ("5.2.2.7", credentials, ["Cache-Control: public, private"], "private"),
            ]
        )


class StatusTests(JudgedCase):
    def test_statuses(self) -> None:
        """
        RFC 9111 section 3: a final status, and either one that may be stored without being
        told so or the word of the response that it may.
        """
        for section, status, response, expected in [
            ("RFC 9110 15.2", 100, [EXPIRES], "status"),
            ("RFC 9110 15.2", 103, ["Cache-Control: max-age=60"], "status"),
            ("3", 201, [], "not-told"),
            ("3", 302, [], "not-told"),
            ("3", 403, [f"Last-Modified: {at(-86400)}"], "not-told"),
            ("3", 503, [f"Last-Modified: {at(-86400)}"], "not-told"),
            ("3", 599, ["Cache-Control: immutable"], "not-told"),
            ("5.2.2.9", 599, ["Cache-Control: public"], None),
            ("5.2.2.1", 302, ["Cache-Control: max-age=60"], None),
            ("5.2.2.10", 503, ["Cache-Control: s-maxage=60"], None),
            ("5.3", 500, [EXPIRES], None),
            ("5.3", 500, ["Expires: 0"], None),
            ("5.2.2.3", 599, ["Cache-Control: max-age=3600, no-store, must-understand"], "status"),
            ("5.2.2.3", 599, ["Cache-Control: max-age=3600, must-understand"], "status"),
            ("5.2.2.3", 302, ["Cache-Control: max-age=3600, no-store, must-understand"], None),
            ("3", 304, ["Cache-Control: max-age=60"], "status"),
            ("RFC 9110 15.5.13", 412, ["Cache-Control: max-age=60"], "status"),
            ("RFC 9110 15.5.17", 416, ["Cache-Control: max-age=60"], "status"),
            ("RFC 6585 3-6", 429, ["Cache-Control: max-age=60"], "status"),
        ]:
            self.assertEqual(judged(response, status=status), expected, (section, status, response))

    def test_heuristically_cacheable(self) -> None:
        """
        RFC 9110 section 15.1: these need no word of the response.
        """
        for status in [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 451, 501]:
            self.assertIsNone(judged([], status=status), status)

    def test_configured_statuses(self) -> None:
        """
        A lifetime by configuration makes a status storable, and lifts no prohibition.
        """
        policy = Policy(ttl={403: 60, 429: 60})
        for status, response, expected in [
            (403, [], None),
            (403, ["Cache-Control: no-store"], "no-store"),
            (502, [], "not-told"),
            (429, [], "status"),
        ]:
            self.assertEqual(judged(response, status=status, policy=policy), expected, status)


class RequestTests(JudgedCase):
    def test_methods(self) -> None:
        """
        RFC 9111 section 3: only the answers to GET are stored; one with content is not,
        since the content is in no key.
        """
        for method in [b"HEAD", b"POST", b"PUT", b"OPTIONS", b"QUERY", b"get", b"M-SEARCH"]:
            self.assertEqual(judged(["Cache-Control: max-age=60"], method=method), "method", method)
        self.assertEqual(judged(["Cache-Control: max-age=60"], has_content=True), "request-content")

    def test_overrides(self) -> None:
        """
        Pitfall 27: an answer that a field may have changed which is not in the key is not
        stored, whatever it says.
        """
        public = "Cache-Control: public, max-age=60"
        self.check(
            [
                ("2", ["X-Original-URL: /admin"], [public], "override"),
                ("2", ["X-HTTP-Method-Override: PUT"], [public], "override"),
                ("4.1", ["X-Host: evil.example"], [public, "Vary: X-Host"], None),
                ("4.1", ["X-Host: evil.example", "X-Rewrite-Url: /"], [public, "Vary: X-Host"], "override"),
            ]
        )
        self.check([("2", ["X-Host: a.example"], [public], None)], Policy(keyed=frozenset((b"x-host",))))
        self.assertTrue(is_overridden(read_request(fields("X-Host: a")), frozenset()))
        self.assertFalse(is_overridden(read_request(fields("X-Host: a")), frozenset((b"x-host",))))
        self.assertFalse(is_overridden(read_request(fields("Accept: a")), frozenset()))


class FieldTests(JudgedCase):
    def test_cookies(self) -> None:
        """
        Pitfall 29, RFC 9111 section 7.3: what sets cookies is not stored, unless the field
        itself is not, or the policy says otherwise.
        """
        cookie = "Set-Cookie: a=b"
        self.check(
            [
                ("7.3", [], ["Cache-Control: public, max-age=60", cookie], "set-cookie"),
                ("7.3", [], ["Cache-Control: max-age=60", "Set-Cookie2: a=b"], "set-cookie"),
                ("5.2.2.7", [], ['Cache-Control: private="Set-Cookie", max-age=60', cookie], None),
                ("5.2.2.4", [], ['Cache-Control: no-cache="set-cookie", max-age=60', cookie], None),
                ("5.2.2.7", [], ['Cache-Control: private="x", max-age=60', cookie], "set-cookie"),
            ]
        )
        self.check([("7.3", [], ["Cache-Control: max-age=60", cookie], None)], Policy(store_cookies=True))

    def test_vary(self) -> None:
        """
        RFC 9111 section 4.1: what fits no other request is not stored.
        """
        for value in ["*", "*, *", ", *", "*, Foo", "Foo, *", "a b"]:
            self.assertEqual(judged(["Cache-Control: max-age=5000", f"Vary: {value}"]), "vary", value)
        self.assertEqual(judged(["Cache-Control: max-age=5000", "Vary: Foo", "Vary: *"]), "vary")
        self.assertIsNone(judged(["Cache-Control: max-age=5000", "Vary: Foo"]))

    def test_partial_responses(self) -> None:
        """
        Pitfall 29, RFC 9111 section 3.3: a part is stored where it is known which.
        """
        place, asked, age = "Content-Range: bytes 4-9/10", ["Range: bytes=4-"], "Cache-Control: max-age=3600"
        for request, response, expected in [
            (asked, [age, place], None),
            (asked, [age, "Content-Range: bytes 4-9/*"], None),
            (asked, [age], "partial"),
            (asked, [age, "Content-Range: bytes */10"], "partial"),
            (asked, [age, "Content-Range: bytes 4-9/9"], "partial"),
            (asked, [age, "Content-Range: lines 4-9/10"], "partial"),
            (asked, [age, "Content-Type: multipart/byteranges; boundary=x"], "partial"),
            ([], [age, place], "partial"),
            (asked, ["Cache-Control: no-store", place], "no-store"),
        ]:
            self.assertEqual(judged(response, request, status=206), expected, (request, response))
        self.assertIsNone(judged([age, "Content-Range: something"], status=200))

    def test_disguised_pages(self) -> None:
        """
        Pitfall 28: a page under the name of a static file is stored only where it says
        that it is for all.
        """
        page = "Content-Type: text/html; charset=utf-8"
        for response, expected in [
            ([page, "Cache-Control: max-age=60"], "disguised"),
            ([page, EXPIRES], "disguised"),
            ([page, "Cache-Control: public, max-age=60"], None),
            ([page, "Cache-Control: s-maxage=60"], None),
            ([page, "CDN-Cache-Control: max-age=60"], None),
            (["Content-Type: text/css", "Cache-Control: max-age=60"], None),
        ]:
            found = judged(response, path=b"/account/x.css", policy=Policy(targets=(b"cdn-cache-control",)))
            self.assertEqual(found, expected, response)

    def test_targeted_fields(self) -> None:
        """
        RFC 9213 section 2.2: beside a targeted field Cache-Control and Expires say
        nothing.
        """
        policy = Policy(targets=(b"cdn-cache-control",))
        self.check(
            [
                ("2.2", [], ["CDN-Cache-Control: max-age=10000", "Cache-Control: no-store"], None),
                (
                    "2.2",
                    [],
                    ["CDN-Cache-Control: no-store", "Cache-Control: max-age=10000", EXPIRES],
                    "no-store",
                ),
                ("2.2", [], ["CDN-Cache-Control: private", "Cache-Control: max-age=10000"], "private"),
                ("3.1", [], ["CDN-Cache-Control: none", "Cache-Control: no-store"], None),
                (
                    "2.1",
                    [],
                    ["CDN-Cache-Control: max-age=10000, &&&&&", "Cache-Control: no-store"],
                    "no-store",
                ),
            ],
            policy,
        )
        self.assertEqual(judged(["CDN-Cache-Control: none", EXPIRES], status=500, policy=policy), "not-told")

    @settings(deadline=None)
    @given(
        st.lists(DIRECTIVES),
        st.lists(LINES),
        STATUSES,
        st.sampled_from(["no-store", "private", "NO-STORE=x"]),
    )
    def test_forbidden_is_never_stored(
        self, directives: list[str], lines: list[str], status: int, forbidding: str
    ) -> None:
        """
        RFC 9111 sections 5.2.2.5 and 5.2.2.7: in whatever company, with whatever status,
        what is forbidden is not stored (but for must-understand).
        """
        if forbidding == "private" or "must-understand" not in directives:
            value = "Cache-Control: " + ", ".join([*directives, forbidding])
            self.assertIsNotNone(judged([value, *lines], status=status))

    @settings(deadline=None)
    @given(st.lists(DIRECTIVES), st.lists(LINES), STATUSES)
    def test_what_is_stored(self, directives: list[str], lines: list[str], status: int) -> None:
        """
        RFC 9111 section 3: whatever is stored may be by its status or by its word.
        """
        if judged(["Cache-Control: " + ", ".join(directives), *lines], status=status) is None:
            told = (
                any(name in directives for name in ("public", "max-age=60", "s-maxage=60"))
                or EXPIRES in lines
            )
            self.assertTrue(status in HEURISTICALLY_CACHEABLE or told)
