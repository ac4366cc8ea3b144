"""
Tests of L{revproxy.wire.caching.dates}.
"""

from datetime import UTC, datetime
from email.utils import formatdate

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.dates import format_date, parse_date
from tests.wire.caching.messages import NOW

FIRST = -62135596800  # of the year 1
LAST = 253402300799  # of the year 9999


def seconds(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


class ParseDateTests(SynchronousTestCase):
    def test_forms(self) -> None:
        """
        RFC 9110 section 5.6.7: all three forms are read.
        """
        for value in [
            b"Sun, 06 Nov 1994 08:49:37 GMT",
            b"Sunday, 06-Nov-94 08:49:37 GMT",
            b"Sun Nov  6 08:49:37 1994",
            b"Sun Nov 06 08:49:37 1994",
        ]:
            self.assertEqual(parse_date(value, NOW), seconds(1994, 11, 6, 8, 49, 37), value)

    def test_years_of_two_digits(self) -> None:
        """
        RFC 9110 section 5.6.7: a year is at most 50 years in the future, otherwise it is
        the last one with these digits.
        """
        for digits, now, year in [
            (b"50", 2027, 2050),
            (b"77", 2027, 2077),
            (b"78", 2027, 1978),
            (b"00", 2027, 2000),
            (b"10", 2090, 2110),
            (b"40", 2090, 2140),
            (b"41", 2090, 2041),
            (b"94", 1994, 1994),
        ]:
            value = b"Monday, 01-Aug-%b 00:00:00 GMT" % digits
            self.assertEqual(parse_date(value, seconds(now, 1, 1)), seconds(year, 8, 1), (digits, now))

    def test_case(self) -> None:
        """
        RFC 9111 section 4.2: names are read in any case.
        """
        expected = seconds(2050, 8, 18, 2, 1, 18)
        for value in [
            b"THU, 18 Aug 2050 02:01:18 GMT",
            b"Thu, 18 AUG 2050 02:01:18 GMT",
            b"Thu, 18 Aug 2050 02:01:18 gMT",
            b"thursday, 18-aug-50 02:01:18 gmt",
            b"THU AUG 18 02:01:18 2050",
        ]:
            self.assertEqual(parse_date(value, NOW), expected, value)

    def test_bounds(self) -> None:
        """
        Leap years and leap seconds are known, and the day of the week does not matter.
        """
        for value, expected in [
            (b"Thu, 29 Feb 2024 23:59:59 GMT", seconds(2024, 2, 29, 23, 59, 59)),
            (b"Mon, 29 Feb 2024 23:59:60 GMT", seconds(2024, 3, 1)),
            (b"Sat, 29 Feb 2000 00:00:00 GMT", seconds(2000, 2, 29)),
            (b"Thu Aug  8 02:01:18 2050", seconds(2050, 8, 8, 2, 1, 18)),
            (b"Mon, 01 Jan 0001 00:00:00 GMT", FIRST),
            (b"Fri, 31 Dec 9999 23:59:59 GMT", LAST),
        ]:
            self.assertEqual(parse_date(value, NOW), expected, value)

    def test_invalid_dates(self) -> None:
        """
        RFC 9111 section 4.2: what is no HTTP date, or has another zone, is none.
        """
        for value in [
            b"",
            b"0",
            b"-1",
            b"now",
            b"1800000000",
            b"Thu, 18 Aug 2050 02:01:18 UTC",
            b"Thu, 18 Aug 2050 02:01:18 AEST",
            b"Thu, 18 Aug 2050 02:01:18 +0000",
            b"Thu, 18 Aug 2050 02:01:18",
            b"Thu, 18 Aug 50 02:01:18 GMT",
            b"Thu 18 Aug 2050 02:01:18 GMT",
            b"Thu, 18  Aug  2050 02:01:18 GMT",
            b"Thu, 18-Aug-2050 02:01:18 GMT",
            b"Thu, 18 Aug 2050 02.01.18 GMT",
            b"Thu, 18 Aug 2050 2:01:18 GMT",
            b"Thu, 8 Aug 2050 02:01:18 GMT",
            b"Thu,18 Aug 2050 02:01:18 GMT",
            b"Thu, 18 Aug 2050 24:00:00 GMT",
            b"Thu, 18 Aug 2050 02:60:18 GMT",
            b"Thu, 18 Aug 2050 02:01:61 GMT",
            b"Thu, 00 Aug 2050 02:01:18 GMT",
            b"Thu, 31 Jun 2050 02:01:18 GMT",
            b"Wed, 29 Feb 2023 02:01:18 GMT",
            b"Wed, 29 Feb 1900 02:01:18 GMT",
            b"Thu, 18 Aug 0000 02:01:18 GMT",
            b"Xxx, 18 Aug 2050 02:01:18 GMT",
            b"Thu, 18 Xxx 2050 02:01:18 GMT",
            b"Thu, 18 Aug 2050 02:01:18 GMT ",
            b"Thu, 18 Aug 2050 02:01:18 GMT\n",
            b"Thu, 18 Aug 2050 02:01:18 GMT, Thu, 18 Aug 2050 02:01:18 GMT",
            b"Thursday, 18 Aug 2050 02:01:18 GMT",
            b"Thursday, 31-Jun-50 02:01:18 GMT",
            b"Thu Aug 8 02:01:18 2050",
            b"Thu Aug   02:01:18 2050",
            b"Thu Aug  8 02:01:18 2050 GMT",
            b"Thu, 1\xb28 Aug 2050 02:01:18 GMT",
        ]:
            self.assertIsNone(parse_date(value, NOW), value)

    @settings(deadline=None)
    @given(st.binary(max_size=40) | st.text("Thu, 18Ag20:\n", max_size=32).map(str.encode))
    def test_any_octets(self, value: bytes) -> None:
        """
        Nothing makes reading fail.
        """
        parse_date(value, NOW)


class FormatDateTests(SynchronousTestCase):
    def test_form(self) -> None:
        """
        RFC 9110 section 5.6.7: a date is written in the preferred form.
        """
        self.assertEqual(format_date(784111777), b"Sun, 06 Nov 1994 08:49:37 GMT")
        self.assertEqual(format_date(-1), b"Wed, 31 Dec 1969 23:59:59 GMT")

    @settings(deadline=None)
    @given(st.integers(min_value=0, max_value=2**33))
    def test_like_the_library(self, when: int) -> None:
        """
        What is written is what the standard library writes.
        """
        self.assertEqual(format_date(when).decode(), formatdate(when, usegmt=True))

    @settings(deadline=None)
    @given(st.integers(min_value=FIRST, max_value=LAST))
    def test_what_is_written_is_read(self, when: int) -> None:
        """
        Any second of the years 1 to 9999 is read as it was written.
        """
        self.assertEqual(parse_date(format_date(when), NOW), when)
