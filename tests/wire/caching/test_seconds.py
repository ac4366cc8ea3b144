"""
Tests of L{revproxy.wire.caching.seconds}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.seconds import MOST, delta_seconds


class DeltaSecondsTests(SynchronousTestCase):
    def test_numbers(self) -> None:
        """
        RFC 9111 section 1.2.2: digits are read, and a number that is too large counts as
        the largest.
        """
        for text, expected in [
            (b"0", 0),
            (b"5", 5),
            (b"003600", 3600),
            (b"0" * 5000, 0),
            (b"0" * 5000 + b"7", 7),
            (b"2147483647", 2**31 - 1),
            (b"2147483648", 2**31),
            (b"2147483649", MOST),
            (b"99999999999", MOST),
            (b"9" * 5000, MOST),
        ]:
            self.assertEqual(delta_seconds(text), expected, text)

    def test_what_is_no_number(self) -> None:
        """
        Nothing else is read, not a part of it either.
        """
        for text in [
            b"",
            b"-1",
            b"+1",
            b" 1",
            b"1 ",
            b"1.0",
            b"1e3",
            b"1_0",
            b"0x1",
            b"'1'",
            b"a",
            b"1a",
            b"\xb2",
            b"1\n",
        ]:
            self.assertIsNone(delta_seconds(text), text)

    @settings(deadline=None)
    @given(st.integers(min_value=0, max_value=10**14), st.integers(min_value=0, max_value=12))
    def test_any_number(self, number: int, zeros: int) -> None:
        """
        Any number is read as itself or as the largest, whatever zeros stand before it.
        """
        self.assertEqual(delta_seconds(b"0" * zeros + b"%d" % number), min(number, MOST))
