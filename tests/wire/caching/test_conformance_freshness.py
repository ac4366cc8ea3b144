"""
Cases of the conformance suite about lifetimes and ages: C{cc-freshness}, C{cc-parse},
C{cc-request}, C{pragma}, C{age-parse} and what of C{other} is about ages.
"""

from tests.wire.caching.conformance import DATE, FRESH, PAUSE, ConformanceCase, Row
from tests.wire.caching.messages import NOW, at, fields
from tests.wire.caching.simple_cache import CACHED, FORWARDED, REFUSED, VALIDATED

ETAG = 'ETag: "abcd"'

LIFETIMES = [
    ("freshness-none", "4.2.2", FORWARDED),
    ("freshness-max-age", "5.2.2.1", CACHED, "Cache-Control: max-age=3600"),
    ("freshness-max-age-stale", "5.2.2.1", FORWARDED, "Cache-Control: max-age=2"),
    ("freshness-max-age-0", "5.2.2.1", FORWARDED, "Cache-Control: max-age=0"),
    ("freshness-max-age-max-minus-1", "1.2.2", CACHED, "Cache-Control: max-age=2147483647"),
    ("freshness-max-age-max", "1.2.2", CACHED, "Cache-Control: max-age=2147483648"),
    ("freshness-max-age-max-plus-1", "1.2.2", CACHED, "Cache-Control: max-age=2147483649"),
    ("freshness-max-age-max-plus", "1.2.2", CACHED, "Cache-Control: max-age=99999999999"),
    ("freshness-max-age-age", "5.1", FORWARDED, DATE, "Cache-Control: max-age=3600", "Age: 7200"),
    (
        "freshness-max-age-date",
        "4.2.3",
        FORWARDED,
        f"Date: {at(-7200)}",
        "Cache-Control: max-age=3600",
    ),
    (
        "freshness-max-age-expires",
        "5.3",
        CACHED,
        "Cache-Control: max-age=3600",
        f"Expires: {at(-7200)}",
        DATE,
    ),
    (
        "freshness-max-age-expires-invalid",
        "5.3",
        CACHED,
        "Cache-Control: max-age=3600",
        "Expires: 0",
        DATE,
    ),
    (
        "freshness-max-age-0-expires",
        "5.3",
        FORWARDED,
        f"Expires: {at(3600)}",
        "Cache-Control: max-age=0",
        DATE,
    ),
    ("freshness-max-age-extension", "5.2.3", CACHED, "Cache-Control: foobar, max-age=3600"),
    ("freshness-max-age-case-insenstive", "5.2", CACHED, "Cache-Control: MaX-aGe=3600"),
    ("freshness-max-age-negative", "1.2.2", FORWARDED, "Cache-Control: max-age=-3600"),
    ("freshness-s-maxage-shared", "5.2.2.10", CACHED, "Cache-Control: s-maxage=3600"),
    (
        "freshness-max-age-s-maxage-shared-longer",
        "5.2.2.10",
        FORWARDED,
        "Cache-Control: max-age=3600, s-maxage=1",
    ),
    (
        "freshness-max-age-s-maxage-shared-longer-reversed",
        "5.2.2.10",
        FORWARDED,
        "Cache-Control: s-maxage=1, max-age=3600",
    ),
    (
        "freshness-max-age-s-maxage-shared-longer-multiple",
        "5.2.2.10",
        FORWARDED,
        "Cache-Control: max-age=3600",
        "Cache-Control: s-maxage=1",
    ),
    (
        "freshness-max-age-s-maxage-shared-shorter",
        "5.2.2.10",
        CACHED,
        "Cache-Control: max-age=1, s-maxage=3600",
    ),
    (
        "freshness-max-age-s-maxage-shared-shorter-expires",
        "5.2.2.10",
        CACHED,
        f"Expires: {at(-10)}",
        "Cache-Control: max-age=0, s-maxage=3600",
    ),
]
"""
The case, the section, what becomes of the second request, fields of the response.
"""

HOUR = "Cache-Control: max-age=3600"

REQUESTS = [
    ("ccreq-ma0", "5.2.1.1", FORWARDED, (HOUR,), "Cache-Control: max-age=0"),
    ("ccreq-ma1", "5.2.1.1", FORWARDED, (HOUR,), "Cache-Control: max-age=1"),
    ("ccreq-magreaterage", "5.2.1.1", FORWARDED, (HOUR, "Age: 1800"), "Cache-Control: max-age=600"),
    (
        "ccreq-max-stale",
        "5.2.1.2",
        CACHED,
        ("Cache-Control: max-age=1",),
        "Cache-Control: max-stale=1000",
    ),
    (
        "ccreq-min-fresh",
        "5.2.1.3",
        FORWARDED,
        ("Cache-Control: max-age=1500",),
        "Cache-Control: min-fresh=2000",
    ),
    (
        "ccreq-min-fresh-age",
        "5.2.1.3",
        FORWARDED,
        ("Cache-Control: max-age=1500", "Age: 1000"),
        "Cache-Control: min-fresh=1000",
    ),
    ("ccreq-no-cache", "5.2.1.4", FORWARDED, (HOUR,), "Cache-Control: no-cache"),
    (
        "ccreq-no-cache-lm",
        "5.2.1.4",
        VALIDATED,
        (HOUR, f"Last-Modified: {at(-10000)}", DATE),
        "Cache-Control: no-cache",
    ),
    ("ccreq-no-cache-etag", "5.2.1.4", VALIDATED, (HOUR, "ETag: abc"), "Cache-Control: no-cache"),
    ("ccreq-no-store", "5.2.1.5", CACHED, (HOUR,), "Cache-Control: no-store"),
    ("pragma-request-no-cache", "5.4", FORWARDED, (HOUR,), "Pragma: no-cache"),
    ("pragma-request-extension", "5.4", CACHED, (HOUR,), "Pragma: unrecognised-extension"),
    ("pragma-response-no-cache", "5.4", CACHED, (HOUR, "Pragma: no-cache"), "Accept: */*"),
    (
        "pragma-response-extension",
        "5.4",
        CACHED,
        (HOUR, "Pragma: unrecognised-extension"),
        "Accept: */*",
    ),
]
"""
The case, the section, what becomes of the second request, fields of the response, and
a field of the second request.
"""


class CacheControlTests(ConformanceCase):
    def test_lifetimes(self) -> None:
        """
        cc-freshness: lifetimes of Cache-Control.
        """
        self.check(
            Row(case, section, expected, tuple(response)) for case, section, expected, *response in LIFETIMES
        )

    def test_grammar(self) -> None:
        """
        cc-parse: what is no number is stale, what is quoted is no directive, the first of
        two counts.
        """
        self.check(
            Row(
                f"freshness-max-age-{case}",
                section,
                expected,
                tuple(f"Cache-Control: {value}" for value in values),
            )
            for case, section, expected, *values in [
                ("two-fresh-stale-sameline", "4.2.1", CACHED, "max-age=1800, max-age=1"),
                ("two-fresh-stale-sepline", "4.2.1", CACHED, "max-age=1800", "max-age=1"),
                ("two-stale-fresh-sameline", "4.2.1", FORWARDED, "max-age=1, max-age=1800"),
                ("two-stale-fresh-sepline", "4.2.1", FORWARDED, "max-age=1", "max-age=1800"),
                ("quoted", "5.2", CACHED, 'max-age="3600"'),
                ("ignore-quoted", "5.2", FORWARDED, 'extension="max-age=3600", max-age=1'),
                ("ignore-quoted-rev", "5.2", FORWARDED, 'max-age=1, extension="max-age=3600"'),
                ("space-before-equals", "5.2", FORWARDED, "max-age =3600"),
                ("space-after-equals", "5.2", FORWARDED, "max-age= 3600"),
                ("leading-zero", "1.2.2", CACHED, "max-age=003600"),
                ("single-quoted", "1.2.2", FORWARDED, "max-age='3600'"),
                ("decimal-zero", "4.2.1", FORWARDED, "max-age=3600.0"),
                ("decimal-five", "4.2.1", FORWARDED, "max-age=3600.5"),
                ("a100", "4.2.1", FORWARDED, "max-age=a3600"),
                ("100a", "4.2.1", FORWARDED, "max-age=3600a"),
            ]
        )

    def test_requests(self) -> None:
        """
        cc-request, pragma: the wishes of the client are heeded.
        """
        for case, section, expected, response, wish in REQUESTS:
            self.check([Row(case, section, expected, response, (wish,))])
        self.assertEqual(self.cache().ask(NOW, fields("Cache-Control: only-if-cached")).how, REFUSED)

    def test_stale_and_aged(self) -> None:
        """
        ccreq-max-stale-age: a response that is stale when it comes is not kept where it
        has no validator, as nobody may ask for it so soon.
        """
        row = Row("", "", VALIDATED, ("Cache-Control: max-age=1500", "Age: 2000", ETAG))
        self.check([row, row._replace(request=("Cache-Control: max-stale=1000",), expected=CACHED)])


class AgeTests(ConformanceCase):
    def test_values(self) -> None:
        """
        age-parse: of a list the first member counts, what is no number does not.
        """
        hour = "Cache-Control: max-age=3600"
        self.check(
            Row(f"age-parse-{case}", section, expected, (DATE, hour, *(f"Age: {age}" for age in ages)))
            for case, section, expected, *ages in [
                ("nonnumeric", "5.1", CACHED, "abc"),
                ("negative", "5.1", CACHED, "-7200"),
                ("float", "5.1", CACHED, "7200.0"),
                ("large-minus-one", "5.1", FORWARDED, "2147483647"),
                ("large", "1.2.2", FORWARDED, "2147483648"),
                ("larger", "1.2.2", FORWARDED, "2147483649"),
                ("suffix", "5.1", FORWARDED, "7200, 0"),
                ("prefix", "5.1", CACHED, "0, 7200"),
                ("suffix-twoline", "5.1", FORWARDED, "7200", "0"),
                ("prefix-twoline", "5.1", CACHED, "0", "7200"),
                ("dup-0", "5.1", CACHED, "0, 0"),
                ("dup-0-twoline", "5.1", CACHED, "0", "0"),
                ("parameter", "5.1", CACHED, "7200;foo=bar"),
                ("numeric-parameter", "5.1", CACHED, "7200;foo=111"),
            ]
        )
        self.check(
            [
                Row(
                    "age-parse-dup-old",
                    "5.1",
                    CACHED,
                    (DATE, "Cache-Control: max-age=10000", "Age: 3600", "Age: 3600"),
                )
            ]
        )

    def test_answers(self) -> None:
        """
        other: every answer from the cache has an age that grows; Date and Expires stay.
        """
        expires = f"Expires: {at(2592000)}"
        for case, response, age in [
            ("other-age-gen", FRESH, PAUSE),
            ("other-age-update-expires", (expires, DATE, "Age: 30"), 30 + PAUSE),
            ("other-age-update-max-age", ("Cache-Control: max-age=3600", DATE, "Age: 30"), 30 + PAUSE),
        ]:
            got = self.play(Row(case, "4", CACHED, response))
            self.assertEqual(got.fields.get_all(b"age"), [b"%d" % age], case)
            self.assertEqual(got.fields.get_all(b"date"), [at(0).encode()], "other-date-update")
        self.assertEqual(
            self.play(Row("", "", CACHED, (expires, DATE))).fields.get(b"expires"), at(2592000).encode()
        )
