"""
Tests of L{revproxy.wire.caching.freshness}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.freshness import Freshness, read_freshness
from revproxy.wire.caching.policy import DAY, DEFAULT, Policy
from revproxy.wire.caching.request import read_request
from revproxy.wire.caching.seconds import MOST
from revproxy.wire.caching.targeted import effective_directives
from revproxy.wire.caching.validators import read_validators
from tests.wire.caching.messages import NOW, at, fields

NUMBERS = st.integers(min_value=0, max_value=100_000)
OFFSETS = st.integers(min_value=-100_000, max_value=100_000)


def fresh(
    *lines: str,
    request: tuple[str, ...] = (),
    status: int = 200,
    policy: Policy = DEFAULT,
    requested: float = NOW,
    received: float = NOW,
) -> Freshness:
    response = fields(*lines)
    said = effective_directives(response, policy.targets)
    return read_freshness(read_request(fields(*request)), status, response, said, policy, requested, received)


def left(kept: Freshness) -> float:
    """
    For how many seconds it is fresh from when it came.
    """
    return kept.expires - NOW


class LifetimeTests(SynchronousTestCase):
    def check(self, rows: list[tuple[str, list[str], float]], policy: Policy = DEFAULT) -> None:
        """
        @param rows: each the section of RFC 9111, fields of the response, and for how
            many seconds it is fresh.
        """
        for section, response, expected in rows:
            self.assertEqual(left(fresh(*response, policy=policy)), expected, (section, response))

    def test_directives(self) -> None:
        """
        RFC 9111 section 4.2.1: s-maxage before max-age before Expires.
        """
        self.check(
            [
                ("5.2.2.1", ["Cache-Control: max-age=3600"], 3600),
                ("5.2.2.1", ["Cache-Control: max-age=0"], 0),
                ("5.2.2.1", ["Cache-Control: max-age=-3600"], 0),
                ("1.2.2", ["Cache-Control: max-age=99999999999"], MOST),
                ("5.2.2.10", ["Cache-Control: s-maxage=3600"], 3600),
                ("5.2.2.10", ["Cache-Control: max-age=3600, s-maxage=1"], 1),
                ("5.2.2.10", ["Cache-Control: s-maxage=1, max-age=3600"], 1),
                ("5.2.2.10", ["Cache-Control: max-age=3600", "Cache-Control: s-maxage=1"], 1),
                ("5.2.2.10", ["Cache-Control: max-age=1, s-maxage=3600"], 3600),
                ("5.2.2.10", [f"Expires: {at(-10)}", "Cache-Control: max-age=0, s-maxage=3600"], 3600),
                ("5.3", ["Cache-Control: max-age=3600", f"Expires: {at(-7200)}", f"Date: {at(0)}"], 3600),
                ("5.3", ["Cache-Control: max-age=3600", "Expires: 0", f"Date: {at(0)}"], 3600),
                ("5.3", ["Cache-Control: max-age=0", f"Expires: {at(3600)}", f"Date: {at(0)}"], 0),
                ("4.2.1", ["Cache-Control: max-age=x", f"Expires: {at(3600)}", f"Date: {at(0)}"], 0),
            ]
        )

    def test_expires(self) -> None:
        """
        RFC 9111 sections 4.2.1 and 5.3: Expires less Date; of several the first; what is
        no date has passed.
        """
        date = f"Date: {at(0)}"
        self.check(
            [
                ("5.3", [f"Expires: {at(2592000)}", date], 2592000),
                ("5.3", [f"Expires: {at(-2592000)}", date], 0),
                ("5.3", [f"Expires: {at(0)}", date], 0),
                ("4.2.1", [f"Expires: {at(300)}", f"Date: {at(400)}"], 0),
                ("4.2.1", [f"Expires: {at(20)}", f"Date: {at(10)}"], 10),
                ("4.2.1", [f"Expires: {at(10)}", f"Date: {at(-10)}"], 10),
                ("4.2.1", [f"Expires: {at(10)}"], 10),
                ("4.2.1", [f"Expires: {at(10)}", "Date: foo"], 10),
                ("4.2.1", [f"Expires: {at(10)}", f"Expires: {at(20)}", date], 10),
                ("4.2.1", ["Expires: x", f"Expires: {at(20)}", date], 0),
                ("5.3", ["Expires: 0", date], 0),
                ("5.3", ["Expires: -1", date], 0),
                ("5.3", ["Expires:", date], 0),
                ("5.3", ["Expires: Thu, 18 Aug 2050 02:01:18 UTC", date], 0),
                ("5.3", ["Expires: Thu, 18 Aug 50 02:01:18 GMT", date], 0),
                ("5.3", ["Expires: Thu, 18 Aug 2050 2:01:18 GMT", date], 0),
                ("5.3", ["Expires: Fri, 31 Dec 9999 23:59:59 GMT", date], MOST),
            ]
        )
        for form in [
            "Tue, 19 Jan 2038 14:14:08 GMT",
            "Thursday, 18-Aug-50 02:01:18 GMT",
            "Thu Aug  8 02:01:18 2050",
        ]:
            self.assertGreater(left(fresh(f"Expires: {form}", date)), DAY, form)

    def test_heuristics(self) -> None:
        """
        RFC 9111 section 4.2.2: a tenth of the time since the last change, a day at most.
        """
        date = f"Date: {at(0)}"
        self.check(
            [
                ("4.2.2", [date, f"Last-Modified: {at(-DAY)}"], DAY / 10),
                ("4.2.2", [date, f"Last-Modified: {at(-100 * DAY)}"], DAY),
                ("4.2.2", [date, f"Last-Modified: {at(-5)}"], 0),
                ("4.2.2", [f"Last-Modified: {at(-1000)}"], 100),
                ("4.2.2", [date, f"Last-Modified: {at(1000)}"], 0),
                ("4.2.2", [date, "Last-Modified: long ago"], 0),
                ("4.2.2", [date, 'ETag: "a"'], 0),
                ("4.2.2", [date, f"Last-Modified: {at(-DAY)}", "Cache-Control: max-age=0"], 0),
                ("4.2.2", [date, f"Last-Modified: {at(-DAY)}", "Expires: 0"], 0),
                ("5.4", [date, f"Last-Modified: {at(-DAY)}", "Pragma: no-cache"], 0),
                ("5.4", ["Cache-Control: max-age=9", "Pragma: no-cache"], 9),
            ]
        )
        self.check([("4.2.2", [date, f"Last-Modified: {at(-DAY)}"], 600)], Policy(heuristic_most=600))
        self.check([("4.2.2", [date, f"Last-Modified: {at(-DAY)}"], 0)], Policy(heuristic_fraction=0))

    def test_where_heuristics_are_allowed(self) -> None:
        """
        Pitfall 28, RFC 9111 section 4.2.2: for some statuses and for what is public; not
        for what may be one user's own.
        """
        lines = [f"Date: {at(0)}", f"Last-Modified: {at(-DAY)}"]
        public = [*lines, "Cache-Control: public"]
        for status in (200, 203, 204, 404, 405, 410, 414, 501):
            self.assertEqual(left(fresh(*lines, status=status)), DAY / 10, status)
        for status in (201, 202, 302, 403, 502, 503, 504, 599):
            self.assertEqual(left(fresh(*lines, status=status)), 0, status)
            self.assertEqual(left(fresh(*public, status=status)), DAY / 10, status)
        for request in ("Cookie: a=b", "Authorization: FOO"):
            self.assertEqual(left(fresh(*lines, request=(request,))), 0, request)
            self.assertEqual(left(fresh(*public, request=(request,))), DAY / 10, request)

    def test_targeted_fields(self) -> None:
        """
        RFC 9213 section 2.2: beside a targeted field neither Cache-Control nor Expires
        count, and what it does not tell is not guessed.
        """
        date, expires = f"Date: {at(0)}", f"Expires: {at(10000)}"
        self.check(
            [
                ("2.2", [date, "CDN-Cache-Control: max-age=3600", f"Expires: {at(-9)}"], 3600),
                ("2.2", [date, "CDN-Cache-Control: max-age=3600", "Expires: 0"], 3600),
                ("2.2", [date, "CDN-Cache-Control: max-age=0", expires], 0),
                ("2.2", [date, "CDN-Cache-Control: max-age=1", "Cache-Control: max-age=3600"], 1),
                ("2.2", [date, "CDN-Cache-Control: none", expires, f"Last-Modified: {at(-DAY)}"], 0),
            ],
            Policy(targets=(b"cdn-cache-control",)),
        )

    def test_configured_lifetimes(self) -> None:
        """
        A lifetime by configuration takes the place of all others, whatever age the
        response has, and forbids nothing less.
        """
        policy = Policy(ttl={200: 60})
        for lines in [
            [],
            ["Cache-Control: max-age=0"],
            ["Expires: 0", "Age: 1000"],
            ["Cache-Control: s-maxage=9999"],
        ]:
            self.assertEqual(left(fresh(*lines, policy=policy)), 60, lines)
        self.assertEqual(left(fresh("Cache-Control: max-age=9", status=404, policy=policy)), 9)
        kept = fresh("Cache-Control: no-cache, must-revalidate", policy=policy)
        self.assertEqual((kept.no_cache, kept.must_revalidate), (True, True))


class AgeTests(SynchronousTestCase):
    def test_initial_age(self) -> None:
        """
        RFC 9111 sections 4.2.3 and 5.1: the greater of what Age and Date tell; of a list
        in Age the first member; what is no number does not count.
        """
        for section, lines, expected in [
            ("4.2.3", [], 0),
            ("4.2.3", [f"Date: {at(0)}"], 0),
            ("4.2.3", [f"Date: {at(-7200)}"], 7200),
            ("4.2.3", [f"Date: {at(7200)}"], 0),
            ("4.2.3", ["Age: 30"], 30),
            ("4.2.3", ["Age: 30", f"Date: {at(-20)}"], 30),
            ("4.2.3", ["Age: 30", f"Date: {at(-40)}"], 40),
            ("4.2.3", ["Age: 30", "Date: foo"], 30),
            ("5.1", ["Age: abc"], 0),
            ("5.1", ["Age: -7200"], 0),
            ("5.1", ["Age: 7200.0"], 0),
            ("5.1", ["Age: 7200;foo=bar"], 0),
            ("5.1", ["Age: 7200, 0"], 7200),
            ("5.1", ["Age: 0, 7200"], 0),
            ("5.1", ["Age: 7200", "Age: 0"], 7200),
            ("5.1", ["Age: 0", "Age: 7200"], 0),
            ("5.1", ["Age: 0, 0"], 0),
            ("1.2.2", ["Age: 2147483647"], 2**31 - 1),
            ("1.2.2", ["Age: 2147483649"], MOST),
            ("1.2.2", ["Age: 2147483648", f"Date: {at(-7200)}"], MOST),
        ]:
            self.assertEqual(fresh(*lines).age(NOW), expected, (section, lines))

    def test_delay_of_the_response(self) -> None:
        """
        RFC 9111 section 4.2.3: the time that the response took counts towards Age.
        """
        kept = fresh("Age: 10", f"Date: {at(0)}", requested=NOW, received=NOW + 5)
        self.assertEqual(kept.age(NOW + 5), 15)
        self.assertEqual(fresh(requested=NOW + 9, received=NOW).age(NOW), 0)

    def test_resident_time(self) -> None:
        """
        RFC 9111 section 4.2.3: the age grows with the time, and does not get less where a
        clock is set back.
        """
        kept = fresh("Age: 10", "Cache-Control: max-age=30")
        self.assertEqual([kept.age(NOW + passed) for passed in (-100, 0, 0.9, 1, 100)], [10, 10, 10, 11, 110])
        self.assertEqual([kept.ttl(NOW + passed) for passed in (0, 19.5, 20, 20.5, 100)], [20, 0, 0, -1, -80])

    def test_age_counts_against_the_lifetime(self) -> None:
        """
        RFC 9111 section 4.2: a response whose age is its lifetime is fresh no more.
        """
        for lines, expected in [
            (["Cache-Control: max-age=3600", "Age: 7200"], -3600),
            (["Cache-Control: max-age=3600", "Age: 3600"], 0),
            (["Cache-Control: max-age=3600", f"Date: {at(-7200)}"], -3600),
            ([f"Date: {at(-10)}", f"Expires: {at(10)}", "Age: 25"], -5),
            ([f"Date: {at(10)}", f"Expires: {at(20)}", "Age: 15"], -5),
            (["Cache-Control: max-age=2147483649", "Age: 2147483649"], 0),
        ]:
            self.assertEqual(left(fresh(*lines)), expected, lines)

    @settings(deadline=None)
    @given(NUMBERS, NUMBERS, OFFSETS, OFFSETS, st.floats(min_value=-1e6, max_value=1e6))
    def test_bounds(self, lifetime: int, told: int, dated: int, received: int, passed: float) -> None:
        """
        The age is never less than what Age and Date tell, and freshness never lasts longer
        than the lifetime, whatever the clocks say.
        """
        kept = fresh(
            f"Cache-Control: max-age={lifetime}",
            f"Age: {told}",
            f"Date: {at(dated)}",
            requested=NOW + received - 1,
            received=NOW + received,
        )
        age = kept.age(NOW + received + passed)
        self.assertGreaterEqual(age, max(told, received - dated))
        self.assertLessEqual(kept.expires - kept.received, lifetime)
        if age >= lifetime and passed >= 0:
            self.assertLessEqual(kept.expires, NOW + received + passed)


class StaleTests(SynchronousTestCase):
    def test_prohibitions(self) -> None:
        """
        RFC 9111 section 4.2.4: the directives that forbid to use what is stale.
        """
        for directives, no_cache, must_revalidate in [
            ("max-age=1", False, False),
            ("max-age=1, must-revalidate", False, True),
            ("max-age=1, proxy-revalidate", False, True),
            ("s-maxage=1", False, True),
            ("s-maxage=1, stale-while-revalidate=60", False, True),
            ("max-age=1, no-cache", True, False),
            ('max-age=1, no-cache="a"', False, False),
        ]:
            kept = fresh(f"Cache-Control: {directives}")
            self.assertEqual((kept.no_cache, kept.must_revalidate), (no_cache, must_revalidate), directives)

    def test_permissions(self) -> None:
        """
        RFC 5861, RFC 8246: what the response says goes before the configuration.
        """
        policy = Policy(stale_while_revalidate=10, stale_if_error=20)
        for directives, expected in [
            ("max-age=1", (10, 20)),
            ("max-age=1, stale-while-revalidate=5, stale-if-error=0", (5, 0)),
            ("max-age=1, stale-while-revalidate=x", (0, 20)),
        ]:
            kept = fresh(f"Cache-Control: {directives}", policy=policy)
            self.assertEqual((kept.stale_while_revalidate, kept.stale_if_error), expected, directives)
        self.assertTrue(fresh("Cache-Control: max-age=1, immutable").immutable)

    def test_invalidated(self) -> None:
        """
        RFC 9111 section 4.4: what is invalidated is never used without validation.
        """
        kept = fresh("Cache-Control: max-age=60, stale-if-error=60, immutable").invalidated(NOW + 5)
        self.assertEqual((kept.expires, kept.born, kept.must_revalidate), (NOW + 5, NOW, True))
        self.assertEqual((kept.stale_if_error, kept.stale_while_revalidate, kept.immutable), (0, 0, False))
        self.assertEqual(fresh("Cache-Control: max-age=60").invalidated(NOW + 90).expires, NOW + 60)

    def test_expired(self) -> None:
        """
        What expired early is stale and otherwise as it was; what is stale already stays
        so.
        """
        kept = fresh("Cache-Control: max-age=60, stale-if-error=70, immutable")
        self.assertEqual(kept.expired(NOW + 5).expires, NOW + 5)
        self.assertEqual(kept.expired(NOW + 500).expires, NOW + 60)
        self.assertEqual(kept.expired(NOW).stale_if_error, 70)

    def test_worth_keeping(self) -> None:
        """
        RFC 9111 section 3: what could never be used need not be stored.
        """
        for lines, expected in [
            ([], False),
            (["Cache-Control: max-age=0"], False),
            (["Cache-Control: max-age=1"], True),
            (["Cache-Control: max-age=10", "Age: 10"], False),
            (["Cache-Control: max-age=0", 'ETag: "a"'], True),
            (["Cache-Control: no-cache", f"Last-Modified: {at(-1)}"], True),
            (["Cache-Control: no-cache, max-age=60"], False),
            (["Cache-Control: max-age=0, stale-while-revalidate=5"], True),
            (["Cache-Control: max-age=0, stale-if-error=5"], True),
            (["Cache-Control: max-age=0, stale-if-error=5, must-revalidate"], False),
        ]:
            validators = read_validators(fields(*lines), NOW)
            self.assertEqual(fresh(*lines).is_worth_keeping(validators), expected, lines)
