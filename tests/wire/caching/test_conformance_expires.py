"""
Cases of the conformance suite about C{Expires} and statuses: C{expires},
C{expires-parse}, C{heuristic} and C{status}.
"""

from revproxy.wire.caching.policy import DAY
from tests.wire.caching.conformance import DATE, FRESH, STALE, ConformanceCase, Row
from tests.wire.caching.messages import at
from tests.wire.caching.simple_cache import CACHED, FORWARDED, VALIDATED


class ExpiresTests(ConformanceCase):
    def test_freshness(self) -> None:
        """
        expires: Expires less Date.
        """
        self.check(
            Row(f"freshness-expires-{case}", section, expected, tuple(response))
            for case, section, expected, *response in [
                ("future", "5.3", CACHED, f"Expires: {at(2592000)}", DATE),
                ("past", "4.2.1", FORWARDED, f"Expires: {at(-2592000)}", DATE),
                ("present", "4.2.1", FORWARDED, f"Expires: {at(0)}", DATE),
                ("old-date", "4.2.1", FORWARDED, f"Expires: {at(300)}", f"Date: {at(400)}"),
                ("invalid", "5.3", FORWARDED, "Expires: 0", DATE),
                ("invalid-date", "4.2.1", CACHED, "Date: foo", f"Expires: {at(10)}"),
                ("age-slow-date", "4.2.1", FORWARDED, f"Date: {at(-10)}", f"Expires: {at(10)}", "Age: 25"),
                ("age-fast-date", "4.2.1", FORWARDED, f"Date: {at(10)}", f"Expires: {at(20)}", "Age: 15"),
            ]
        )

    def test_grammar(self) -> None:
        """
        expires-parse: the three forms in any case, and nothing else.
        """
        self.check(
            Row(
                f"freshness-expires-{case}",
                "5.3",
                expected,
                (*(f"Expires: {value}" for value in values), DATE),
            )
            for case, expected, *values in [
                ("32bit", CACHED, "Tue, 19 Jan 2038 14:14:08 GMT"),
                ("far-future", CACHED, "Sun, 21 Nov 2286 04:46:39 GMT"),
                ("rfc850", CACHED, "Thursday, 18-Aug-50 02:01:18 GMT"),
                ("ansi-c", CACHED, "Thu Aug  8 02:01:18 2050"),
                ("wrong-case-weekday", CACHED, "THU, 18 Aug 2050 02:01:18 GMT"),
                ("wrong-case-month", CACHED, "Thu, 18 AUG 2050 02:01:18 GMT"),
                ("wrong-case-tz", CACHED, "Thu, 18 Aug 2050 02:01:18 gMT"),
                ("invalid-utc", FORWARDED, "Thu, 18 Aug 2050 02:01:18 UTC"),
                ("invalid-aest", FORWARDED, "Thu, 18 Aug 2050 02:01:18 AEST"),
                ("invalid-2-digit-year", FORWARDED, "Thu, 18 Aug 50 02:01:18 GMT"),
                ("invalid-no-comma", FORWARDED, "Thu 18 Aug 2050 02:01:18 GMT"),
                ("invalid-multiple-spaces", FORWARDED, "Thu, 18  Aug  2050 02:01:18 GMT"),
                ("invalid-date-dashes", FORWARDED, "Thu, 18-Aug-2050 02:01:18 GMT"),
                ("invalid-time-periods", FORWARDED, "Thu, 18 Aug 2050 02.01.18 GMT"),
                ("invalid-1-digit-hour", FORWARDED, "Thu, 18 Aug 2050 2:01:18 GMT"),
                (
                    "invalid-multiple-lines",
                    FORWARDED,
                    "Thu, 18 Aug 2050 2:01:18 GMT",
                    "Thu, 18 Aug 2050 2:01:19 GMT",
                ),
            ]
        )


class StatusTests(ConformanceCase):
    def test_heuristics(self) -> None:
        """
        heuristic: only for statuses that allow it, or what is public.
        """
        changed = (f"Last-Modified: {at(-DAY)}", DATE)
        for status in (200, 203, 204, 404, 405, 410, 414, 501):
            self.check([Row(f"heuristic-{status}-cached", "4.2.2", CACHED, changed, status=status)])
        for status in (201, 202, 403, 502, 503, 504, 599):
            self.check([Row(f"heuristic-{status}-not_cached", "3", FORWARDED, changed, status=status)])
        public = (*changed, "Cache-Control: public")
        self.check([Row("heuristic-599-cached", "5.2.2.9", CACHED, public, status=599)])
        self.check(
            [Row("pragma-response-no-cache-heuristic", "5.4", VALIDATED, (*changed, "Pragma: no-cache"))]
        )
        for delta, expected in [(5, VALIDATED), (30, VALIDATED), (60, CACHED), (3600, CACHED), (DAY, CACHED)]:
            self.check(
                [Row(f"heuristic-delta-{delta}", "4.2.2", expected, (f"Last-Modified: {at(-delta)}", DATE))]
            )

    def test_explicit_freshness(self) -> None:
        """
        status: with a lifetime every final status is stored, and used while it is fresh.
        """
        for status in (
            200,
            203,
            204,
            299,
            301,
            302,
            303,
            307,
            308,
            400,
            404,
            410,
            499,
            500,
            502,
            503,
            504,
            599,
        ):
            self.check([Row(f"status-{status}-fresh", "3", CACHED, FRESH, status=status)])
            expected = VALIDATED if status == 200 else FORWARDED
            self.check([Row(f"status-{status}-stale", "3", expected, STALE, status=status)])

    def test_must_understand(self) -> None:
        """
        status: must-understand lifts no-store where the status is known.
        """
        told = ("Cache-Control: max-age=3600, no-store, must-understand",)
        self.check([Row("status-599-must-understand", "5.2.2.3", FORWARDED, told, status=599)])
        self.check([Row("status-200-must-understand", "5.2.2.3", CACHED, told)])
