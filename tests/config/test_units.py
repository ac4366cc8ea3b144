from __future__ import annotations

import re

from hypothesis import given
from hypothesis.strategies import integers, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.units import (
    BYTES,
    DURATION,
    PERIODS,
    RATE,
    SECONDS,
    SIZE,
    parse_amount,
    parse_delay,
    parse_duration,
    parse_rate,
    parse_size,
)


class DurationTests(SynchronousTestCase):
    def test_units(self) -> None:
        """
        Every unit is so many seconds.
        """
        written = ["500ms", "2s", "1m", "1h", "1d", "1.5s", "0.25h"]
        self.assertEqual(
            [parse_duration(text) for text in written], [0.5, 2.0, 60.0, 3600.0, 86400.0, 1.5, 900.0]
        )

    def test_refused(self) -> None:
        """
        A number needs its unit, a unit its number, and nothing may be around them.
        """
        for value in [
            "",
            "5",
            "s",
            "5 s",
            " 5s",
            "5s\n",
            "-5s",
            "5S",
            "5sec",
            "1m30s",
            "1e3s",
            ".5s",
            "\u0665s",
        ]:
            self.assertRaises(ValueError, parse_duration, value)

    def test_no_text(self) -> None:
        """
        What is no text is refused with what would be right.
        """
        for value in (5, 1.5, True, False, None, ["5s"]):
            refusal = self.assertRaises(ValueError, parse_duration, value)
            self.assertSubstring("must be", str(refusal))

    def test_nothing(self) -> None:
        """
        No time at all is refused where it has no meaning, and is 0 where it has.
        """
        self.assertRaises(ValueError, parse_duration, "0s")
        self.assertRaises(ValueError, parse_duration, 0)
        self.assertEqual([parse_delay("0s"), parse_delay(0), parse_delay("1s")], [0.0, 0.0, 1.0])
        self.assertRaises(ValueError, parse_delay, False)

    def test_huge(self) -> None:
        """
        So many digits that a double loses some are refused.
        """
        self.assertEqual(parse_duration("9" * 15 + "s"), float("9" * 15))
        self.assertRaises(ValueError, parse_duration, "9" * 16 + "s")

    @given(integers(1, 10**9), sampled_from(sorted(SECONDS)))
    def test_any_number(self, number: int, unit: str) -> None:
        """
        Each number with a unit is that many times the unit.
        """
        self.assertEqual(parse_duration(f"{number}{unit}"), number * SECONDS[unit])


class SizeTests(SynchronousTestCase):
    def test_units(self) -> None:
        """
        Units are powers of 1024; a plain number is of bytes.
        """
        written = ["500B", "64KiB", "1MiB", "2GiB", "1TiB", "1.5KiB", 17]
        self.assertEqual(
            [parse_size(value) for value in written], [500, 65536, 1 << 20, 2 << 30, 1 << 40, 1536, 17]
        )

    def test_refused(self) -> None:
        """
        Units of 1000, units without their i, and what is no number are refused.
        """
        for value in ["1KB", "1K", "1kib", "1 KiB", "", "KiB", "17", -1, 1.5, True, None, []]:
            self.assertRaises(ValueError, parse_size, value)

    def test_nothing(self) -> None:
        """
        Nothing is refused where it has no meaning, and is 0 where it has.
        """
        self.assertRaises(ValueError, parse_size, 0)
        self.assertRaises(ValueError, parse_size, "0KiB")
        self.assertEqual([parse_amount(0), parse_amount("0B"), parse_amount("1B")], [0, 0, 1])

    @given(integers(1, 10**6), sampled_from(sorted(BYTES)))
    def test_any_number(self, number: int, unit: str) -> None:
        """
        Each number with a unit is that many times the unit.
        """
        self.assertEqual(parse_size(f"{number}{unit}"), number * BYTES[unit])


class RateTests(SynchronousTestCase):
    def test_units(self) -> None:
        """
        A rate is so many a second.
        """
        self.assertEqual(
            [parse_rate(text) for text in ["100/s", "6/m", "7200/h", "0.5/s"]], [100, 0.1, 2, 0.5]
        )

    def test_refused(self) -> None:
        """
        A rate needs its period, and never is nothing.
        """
        for value in ["100", "100/", "/s", "100 / s", "100/ms", "0/s", 100, None]:
            self.assertRaises(ValueError, parse_rate, value)


class PatternTests(SynchronousTestCase):
    def test_same_as_parsers(self) -> None:
        """
        The patterns of the JSON schema, which are searched for, accept what the
        parsers accept.
        """
        for pattern, good, bad in [
            (DURATION, "5m", "5m5"),
            (SIZE, "5KiB", "5KiBx"),
            (RATE, "5/s", "x5/s"),
        ]:
            self.assertTrue(re.search(pattern, good))
            self.assertFalse(re.search(pattern, bad))

    def test_every_period(self) -> None:
        """
        Every period has a rate.
        """
        self.assertEqual(
            [parse_rate(f"1/{unit}") for unit in PERIODS], [1 / PERIODS[unit] for unit in PERIODS]
        )
