"""
Cases of the conformance suite about how stored responses are used, updated and
invalidated: C{conditional-inm}, C{conditional-lm}, C{update304}, C{update-head},
C{invalidation}, C{partial} and C{stale}.
"""

from revproxy.wire.caching.policy import Policy
from tests.wire.caching.conformance import DATE, FRESH, PAUSE, ConformanceCase, Row
from tests.wire.caching.messages import NOW, at, fields
from tests.wire.caching.simple_cache import CACHED, FORWARDED, VALIDATED, Answer, Outcome

HOUR = "Cache-Control: max-age=3600"
SOON_STALE = ("Cache-Control: max-age=2", "Template-A: 1")
TAG = 'ETag: "abcdef"'

OLD = (f"Last-Modified: {at(-3000)}", DATE, "Cache-Control: max-age=100000")

PRECONDITIONS = [
    ("conditional-etag-strong-respond", "4.3.2", (HOUR, TAG), ('If-None-Match: "abcdef"',), 304),
    (
        "conditional-etag-precedence",
        "4.3.2",
        (HOUR, TAG, f"Last-Modified: {at(-5000)}"),
        ('If-None-Match: "abcdef"', f"If-Modified-Since: {at(-1)}"),
        304,
    ),
    (
        "conditional-etag-strong-respond-obs-text",
        "4.3.2",
        (HOUR, 'ETag: "abcdef\xfc"'),
        ('If-None-Match: "abcdef\xfc"',),
        304,
    ),
    (
        "conditional-etag-quoted-respond-unquoted",
        "4.3.2",
        (HOUR, TAG),
        ("If-None-Match: abcdef",),
        200,
    ),
    (
        "conditional-etag-unquoted-respond-unquoted",
        "4.3.2",
        (HOUR, "ETag: abcdef"),
        ("If-None-Match: abcdef",),
        304,
    ),
    (
        "conditional-etag-unquoted-respond-quoted",
        "4.3.2",
        (HOUR, "ETag: abcdef"),
        ('If-None-Match: "abcdef"',),
        200,
    ),
    (
        "conditional-etag-weak-respond",
        "4.3.2",
        (HOUR, 'ETag: W/"abcdef"'),
        ('If-None-Match: W/"abcdef"',),
        304,
    ),
    (
        "conditional-etag-strong-respond-multiple-first",
        "4.3.2",
        (HOUR, TAG),
        ('If-None-Match: "abcdef", "1234", "5678"',),
        304,
    ),
    (
        "conditional-etag-strong-respond-multiple-second",
        "4.3.2",
        (HOUR, TAG),
        ('If-None-Match: "1234", "abcdef", "5678"',),
        304,
    ),
    (
        "conditional-etag-strong-respond-multiple-last",
        "4.3.2",
        (HOUR, TAG),
        ('If-None-Match: "1234", "5678", "abcdef"',),
        304,
    ),
    ("conditional-lm-fresh", "4.3.2", OLD, (f"If-Modified-Since: {at(-3000)}",), 304),
    ("conditional-lm-fresh-earlier", "4.3.2", OLD, (f"If-Modified-Since: {at(-2000)}",), 304),
]
"""
The case, the section, fields of the response, those of the second request, and the
status that it gets.
"""


class ConditionalTests(ConformanceCase):
    def test_answers(self) -> None:
        """
        conditional-inm, conditional-lm: a stored response answers preconditions with 304.
        """
        for case, section, response, request, status in PRECONDITIONS:
            got = self.play(Row(case, section, CACHED, response, request))
            self.assertEqual((got.how, got.status), (CACHED, status), case)
            if status == 304:
                sent = [line for line in response if line.startswith("ETag")]
                self.assertEqual(
                    got.fields.get_all(b"etag"), fields(*sent).get_all(b"etag"), "conditional-304-etag"
                )

    def test_validation(self) -> None:
        """
        conditional-inm, conditional-lm: what is stale is validated, by what it was stored
        with and with the fields that Vary names.
        """
        for case, response, request, sent in [
            ("conditional-etag-strong-generate", (*SOON_STALE, TAG), (), {b"if-none-match": b'"abcdef"'}),
            (
                "conditional-etag-weak-generate-weak",
                (*SOON_STALE, 'ETag: W/"abcdef"'),
                (),
                {b"if-none-match": b'W/"abcdef"'},
            ),
            (
                "conditional-etag-vary-headers",
                (f"Expires: {at(1)}", TAG, DATE, "Vary: Abc"),
                ("Abc: 123",),
                {b"if-none-match": b'"abcdef"', b"abc": b"123"},
            ),
            (
                "conditional-lm-stale",
                (*SOON_STALE, f"Last-Modified: {at(-3000)}", DATE),
                (f"If-Modified-Since: {at(-3000)}",),
                {b"if-modified-since": at(-3000).encode()},
            ),
        ]:
            first = tuple(line for line in request if not line.startswith("If-"))
            got = self.play(Row(case, "4.3.1", VALIDATED, response, request, first))
            self.assertEqual((got.how, dict(got.sent or ())), (VALIDATED, sent), case)
        self.assertEqual(got.status, 304)


class UpdateTests(ConformanceCase):
    def test_fields_of_a_304(self) -> None:
        """
        update304: fields of a 304 take the place of stored ones, others stay.
        """
        for name in [
            "Test-Header",
            "X-Test-Header",
            "Content-Foo",
            "X-Content-Foo",
            "Content-Type",
            "Expires",
        ]:
            self.assertEqual(self.updated(name), b"B", f"304-etag-update-response-{name}")
        for name in ["Content-Encoding", "Content-Range"]:
            self.assertEqual(self.updated(name), b"A", f"304-etag-update-response-{name}")
        self.assertIsNone(self.updated("Content-Length"), "it is told by the stored body")

    def updated(self, name: str) -> bytes | None:
        """
        The value that clients get at validation and after it.
        """
        cache = self.cache()
        for value in ("A", "B"):
            answer = Answer(fields(DATE, f"{name}: {value}", "Cache-Control: max-age=2", TAG))
            got = cache.ask(NOW if value == "A" else NOW + PAUSE, (), answer)
        self.assertEqual(got.how, VALIDATED)
        again = cache.ask(NOW + PAUSE - 2)
        self.assertEqual(
            (again.how, again.fields.get(name.lower().encode())),
            (CACHED, got.fields.get(name.lower().encode())),
        )
        return again.fields.get(name.lower().encode())

    def test_freshness_of_a_304(self) -> None:
        """
        304-etag-update-response-Cache-Control: the new lifetime counts, and the age is
        that of the 304.
        """
        cache = self.cache()
        cache.ask(NOW, (), Answer(fields(DATE, "Cache-Control: max-age=1", "Age: 1", TAG)))
        newer = Answer(fields(f"Date: {at(PAUSE)}", HOUR, TAG))
        self.assertEqual(cache.ask(NOW + PAUSE, (), newer).how, VALIDATED)
        got = cache.ask(NOW + 1000)
        self.assertEqual((got.how, got.fields.get(b"age")), (CACHED, b"%d" % (1000 - PAUSE)))

    def test_stored_field_that_a_304_omits(self) -> None:
        """
        304-lm-use-stored-Test-Header.
        """
        modified = "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT"
        cache = self.cache()
        cache.ask(NOW, (), Answer(fields("Cache-Control: max-age=2", modified, DATE, "Test-Header: A")))
        got = cache.ask(NOW + PAUSE, (), Answer(fields(modified, DATE)))
        self.assertEqual((got.how, got.fields.get(b"test-header")), (VALIDATED, b"A"))

    def test_head(self) -> None:
        """
        update-head: a 200 to HEAD updates the stored response to GET, other statuses do
        not.
        """
        for case, status, lines, how, value in [
            ("head-200-retain", 200, [HOUR], CACHED, b"1"),
            ("head-200-update", 200, ["Template-A: 2", HOUR], CACHED, b"2"),
            ("head-200-freshness-update", 200, [HOUR], CACHED, b"1"),
            ("head-410-update", 410, ["Template-A: 2", HOUR], FORWARDED, None),
            ("another length", 200, ["Template-A: 2", HOUR, "Content-Length: 5"], FORWARDED, None),
        ]:
            cache = self.cache()
            cache.ask(NOW, (), Answer(fields(*SOON_STALE)))
            got = cache.ask(NOW + PAUSE, (), Answer(fields(*lines), status), b"HEAD")
            self.assertEqual(got.how, FORWARDED, "head-writethrough")
            got = cache.ask(NOW + PAUSE + 1)
            self.assertEqual((got.how, got.fields.get(b"template-a")), (how, value), case)


class InvalidationTests(ConformanceCase):
    def test_target(self) -> None:
        """
        invalidation: an unsafe request invalidates its target, a failed one does not.
        """
        for method in (b"POST", b"PUT", b"DELETE", b"M-SEARCH"):
            for status, expected in [(200, FORWARDED), (500, CACHED)]:
                cache = self.cache()
                cache.ask(NOW, (), Answer(fields(*FRESH)))
                cache.ask(NOW + 1, (), Answer(status=status), method)
                self.assertEqual(cache.ask(NOW + 2).how, expected, (method, status))

    def test_locations(self) -> None:
        """
        invalidation: Location and Content-Location are invalidated too.
        """
        for name in ("Location", "Content-Location"):
            cache = self.cache()
            cache.ask(NOW, (), Answer(fields(*FRESH)), path=b"/a/target")
            cache.ask(NOW + 1, (), Answer(fields(f"{name}: target"), 201), b"POST", b"/a/")
            self.assertEqual(cache.ask(NOW + 2, path=b"/a/target").how, FORWARDED, name)


class PartialTests(ConformanceCase):
    def test_ranges_of_the_whole(self) -> None:
        """
        partial: ranges are answered from a whole response, with its fields.
        """
        for case, value, body in [
            ("partial-store-complete-reuse-partial", "bytes=0-1", b"01"),
            ("partial-store-complete-reuse-partial-no-last", "bytes=1-", b"123456789A"),
            ("partial-store-complete-reuse-partial-suffix", "bytes=-1", b"A"),
        ]:
            got = self.play(Row(case, "3.3", CACHED, (HOUR, "A: 1"), (f"Range: {value}",)))
            self.assertEqual((got.how, got.status, got.body), (CACHED, 206, body), case)
            self.assertEqual(got.fields.get(b"a"), b"1", "partial-use-stored-headers")

    def test_ranges_of_a_part(self) -> None:
        """
        partial: ranges within a part are answered from it, all others are fetched.
        """
        for case, value, body in [
            ("partial-store-partial-reuse-partial", "bytes=-5", b"01234"),
            ("partial-store-partial-reuse-partial-byterange", "bytes=6-8", b"123"),
            ("partial-store-partial-reuse-partial-absent", "bytes=6-", b"1234"),
            ("partial-store-partial-reuse-partial-suffix", "bytes=-1", b"4"),
        ]:
            got = self.part(f"Range: {value}")
            self.assertEqual((got.how, got.status, got.body), (CACHED, 206, body), case)
        for line in ["Range: bytes=4-8", "Range: bytes=0-", "A: 1", 'If-Range: "x"']:
            self.assertEqual(self.part(line).how, FORWARDED, line)

    def part(self, *request: str) -> Outcome:
        cache = self.cache()
        lines = fields(HOUR, "Content-Range: bytes 5-9/10")
        cache.ask(NOW, fields("Range: bytes=-5"), Answer(lines, 206, b"01234"))
        return cache.ask(NOW + PAUSE, fields(*request))


class StaleTests(ConformanceCase):
    def test_failures(self) -> None:
        """
        stale: a stale response is used in the place of a failure where it is allowed, and
        never where it is forbidden.
        """
        for case, directives, expected in [
            ("stale-close", "max-age=2", FORWARDED),
            ("stale-sie-close", "max-age=2, stale-if-error=60", CACHED),
            ("stale-close-must-revalidate", "max-age=2, must-revalidate", FORWARDED),
            ("stale-close-proxy-revalidate", "max-age=2, proxy-revalidate", FORWARDED),
            ("stale-close-no-cache", "max-age=2, no-cache", FORWARDED),
            ("stale-close-s-maxage=2", "max-age=2, s-maxage=2", FORWARDED),
        ]:
            for failure in (Answer(reached=False), Answer(status=503)):
                self.assertEqual(self.failed(directives, failure, Policy()), expected, case)
                if case != "stale-sie-close":
                    configured = CACHED if case == "stale-close" else FORWARDED
                    self.assertEqual(
                        self.failed(directives, failure, Policy(stale_if_error=60)), configured, case
                    )

    def failed(self, directives: str, failure: Answer, policy: Policy) -> str:
        cache = self.cache(policy)
        cache.ask(NOW, (), Answer(fields(f"Cache-Control: {directives}")))
        return cache.ask(NOW + PAUSE, (), failure).how

    def test_while_revalidating(self) -> None:
        """
        stale-while-revalidate, stale-while-revalidate-window: within the window, not after
        it.
        """
        told = ("Cache-Control: max-age=1, stale-while-revalidate=4", 'ETag: "abc"')
        self.check([Row("stale-while-revalidate", "RFC 5861 3", CACHED, told)])
        cache = self.cache()
        cache.ask(NOW, (), Answer(fields(*told)))
        self.assertEqual(cache.ask(NOW + 6, (), Answer(fields('ETag: "def"'))).how, FORWARDED)
