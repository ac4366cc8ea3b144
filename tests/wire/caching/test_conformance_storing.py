"""
Cases of the conformance suite about what is stored and for whom: C{cc-response},
C{auth} and C{cdn-cache-control}.
"""

from revproxy.wire.caching.policy import Policy
from tests.wire.caching.conformance import DATE, FRESH, ConformanceCase, Row
from tests.wire.caching.messages import NOW, at, fields
from tests.wire.caching.simple_cache import CACHED, FORWARDED, VALIDATED, Answer

HOUR = "Cache-Control: max-age=3600"
ETAG = 'ETag: "abcd"'
LATER = f"Expires: {at(10000)}"

DIRECTIVES = [
    ("cc-resp-private-shared", "5.2.2.7", FORWARDED, "Cache-Control: private, max-age=3600"),
    ("cc-resp-no-store", "5.2.2.5", FORWARDED, "Cache-Control: no-store"),
    ("cc-resp-no-store-case-insensitive", "5.2.2.5", FORWARDED, "Cache-Control: No-StOrE"),
    (
        "cc-resp-no-store-fresh",
        "5.2.2.5",
        FORWARDED,
        "Cache-Control: max-age=10000, no-store",
        LATER,
        DATE,
    ),
    (
        "cc-resp-no-cache",
        "5.2.2.4",
        FORWARDED,
        "Cache-Control: max-age=10000, no-cache",
        LATER,
        DATE,
    ),
    (
        "cc-resp-no-cache-case-insensitive",
        "5.2.2.4",
        FORWARDED,
        "Cache-Control: max-age=10000, No-CaChE",
        LATER,
        DATE,
    ),
    ("cc-resp-no-cache-revalidate", "5.2.2.4", VALIDATED, "Cache-Control: no-cache", ETAG),
    (
        "cc-resp-no-cache-revalidate-fresh",
        "5.2.2.4",
        VALIDATED,
        "Cache-Control: max-age=10000, no-cache",
        LATER,
        DATE,
        ETAG,
    ),
    (
        "cc-resp-must-revalidate-fresh",
        "5.2.2.2",
        CACHED,
        "Cache-Control: max-age=10000, must-revalidate",
        ETAG,
    ),
    (
        "cc-resp-must-revalidate-stale",
        "5.2.2.2",
        VALIDATED,
        "Cache-Control: max-age=2, must-revalidate",
        ETAG,
    ),
    (
        "cc-resp-immutable-stale",
        "RFC 8246 2",
        VALIDATED,
        "Cache-Control: max-age=2, immutable",
        ETAG,
    ),
]
"""
The case, the section, what becomes of the second request, fields of the response.
"""

TARGETED = [
    ("max-age", CACHED, "CDN-Cache-Control: max-age=3600"),
    ("max-age-max", CACHED, "CDN-Cache-Control: max-age=2147483648"),
    ("max-age-max-plus", CACHED, "CDN-Cache-Control: max-age=99999999999"),
    ("max-age-age", FORWARDED, DATE, "CDN-Cache-Control: max-age=3600", "Age: 7200"),
    (
        "max-age-space-before-equals",
        FORWARDED,
        "Cache-Control: max-age=1",
        "CDN-Cache-Control: max-age =100",
    ),
    (
        "max-age-space-after-equals",
        FORWARDED,
        "Cache-Control: max-age=1",
        "CDN-Cache-Control: max-age= 100",
    ),
    ("max-age-0", FORWARDED, "CDN-Cache-Control: max-age=0"),
    ("max-age-extension", CACHED, "CDN-Cache-Control: foobar, max-age=3600"),
    ("max-age-case-insensitive", FORWARDED, "CDN-Cache-Control: MaX-aGe=3600"),
    (
        "max-age-expires",
        CACHED,
        "CDN-Cache-Control: max-age=3600",
        f"Expires: {at(-10000)}",
        DATE,
    ),
    (
        "max-age-cc-max-age-invalid-expires",
        CACHED,
        "CDN-Cache-Control: max-age=3600",
        "Expires: 0",
        DATE,
    ),
    ("max-age-0-expires", FORWARDED, "CDN-Cache-Control: max-age=0", LATER, DATE),
    (
        "max-age-short-cc-max-age",
        CACHED,
        "Cache-Control: max-age=1",
        "CDN-Cache-Control: max-age=3600",
    ),
    ("max-age-long-cc-max-age", FORWARDED, HOUR, "CDN-Cache-Control: max-age=1"),
    (
        "private",
        FORWARDED,
        "CDN-Cache-Control: private",
        "Cache-Control: max-age=10000",
        LATER,
        DATE,
    ),
    (
        "no-cache",
        FORWARDED,
        "CDN-Cache-Control: no-cache",
        "Cache-Control: max-age=10000",
        LATER,
        DATE,
    ),
    (
        "no-store-cc-fresh",
        FORWARDED,
        "Cache-Control: max-age=10000",
        "CDN-Cache-Control: no-store",
        LATER,
        DATE,
    ),
    (
        "fresh-cc-nostore",
        CACHED,
        "Cache-Control: no-store",
        "CDN-Cache-Control: max-age=10000",
    ),
    (
        "cc-invalid-sh-type-unknown",
        FORWARDED,
        "CDN-Cache-Control: max-age=10000, &&&&&",
        "Cache-Control: no-store",
    ),
    (
        "cc-invalid-sh-type-wrong",
        FORWARDED,
        'CDN-Cache-Control: max-age="10000"',
        "Cache-Control: no-store",
    ),
]
"""
The case, what becomes of the second request, fields of the response.
"""


class ResponseDirectiveTests(ConformanceCase):
    def test_directives(self) -> None:
        """
        cc-response, stale: directives other than lifetimes.
        """
        self.check(
            Row(case, section, expected, tuple(response)) for case, section, expected, *response in DIRECTIVES
        )

    def test_newer_response_that_is_not_stored(self) -> None:
        """
        cc-resp-no-store-old-new, cc-resp-no-store-old-max-age: a newer response that may
        not be stored leaves the older one.
        """
        for newer in ["no-store", "no-store, max-age=0"]:
            cache = self.cache()
            cache.ask(NOW, (), Answer(fields("Cache-Control: max-age=10000", "A: 1")))
            wish = fields("Cache-Control: no-cache")
            cache.ask(NOW + 3, wish, Answer(fields(f"Cache-Control: {newer}", "A: 2")))
            got = cache.ask(NOW + 6)
            self.assertEqual((got.how, got.fields.get(b"a")), (CACHED, b"1"), newer)

    def test_named_fields(self) -> None:
        """
        headers-omit-headers-listed-in-Cache-Control-no-cache(-single): named fields are
        left out of the answer.
        """
        for names, left in [("a", {b"b", b"c"}), ("a, b", {b"c"})]:
            lines = (f'Cache-Control: no-cache="{names}"', "a: 1", "b: 2", "c: 3", HOUR, DATE)
            got = self.play(Row("", "", CACHED, lines))
            self.assertEqual({name for name, _ in got.fields} & {b"a", b"b", b"c"}, left, names)

    def test_authorization(self) -> None:
        """
        auth: what credentials were sent for is stored where it says that it is for all.
        """
        self.check(
            Row(case, "3.5", expected, response, first=("Authorization: FOO",))
            for case, expected, response in [
                ("other-authorization", FORWARDED, FRESH),
                ("other-authorization-public", CACHED, ("Cache-Control: max-age=3600, public", DATE)),
                (
                    "other-authorization-must-revalidate",
                    CACHED,
                    ("Cache-Control: max-age=3600, must-revalidate", DATE),
                ),
                ("other-authorization-smaxage", CACHED, ("Cache-Control: s-maxage=3600", DATE)),
            ]
        )

    def test_targeted_fields(self) -> None:
        """
        cdn-cache-control: it counts in the place of Cache-Control and Expires.
        """
        self.check(
            [
                Row(f"cdn-{case}", "RFC 9213 2", expected, tuple(response))
                for case, expected, *response in TARGETED
            ],
            Policy(targets=(b"cdn-cache-control",)),
        )
