from __future__ import annotations

import math

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.scalars import LONGEST_INTEGER, TAGS, Scalar, scalar_value


def plain(text: str) -> Scalar:
    return scalar_value(text, None, plain=True)


class PlainTests(SynchronousTestCase):
    """
    YAML 1.2.2 section 10.3.2.
    """

    def test_null(self) -> None:
        """
        Nothing, C{~} and the three spellings are null.
        """
        self.assertEqual([plain(text) for text in ["", "~", "null", "Null", "NULL"]], [None] * 5)

    def test_truth(self) -> None:
        """
        Only true and false are truth values.
        """
        self.assertEqual([plain(text) for text in ["true", "True", "TRUE"]], [True] * 3)
        self.assertEqual([plain(text) for text in ["false", "False", "FALSE"]], [False] * 3)

    def test_integers(self) -> None:
        """
        A leading zero does not make a number octal; 0o and 0x do what they say.
        """
        written = ["0", "010", "+7", "-12", "0o10", "0xfF"]
        self.assertEqual([plain(text) for text in written], [0, 10, 7, -12, 8, 255])
        self.assertTrue(all(type(plain(text)) is int for text in written))

    def test_reals(self) -> None:
        """
        Floating-point numbers, with the infinities and what is no number.
        """
        written = ["1.5", "-.5", "2.", "1e3", "1.5E-1", "+.inf", "-.INF"]
        self.assertEqual(
            [plain(text) for text in written], [1.5, -0.5, 2.0, 1000.0, 0.15, math.inf, -math.inf]
        )
        self.assertTrue(math.isnan(float(str(plain(".nan")))))

    def test_text(self) -> None:
        """
        What YAML 1.1 took for a truth value, a time or a number is text.
        """
        for text in [
            "no",
            "yes",
            "on",
            "off",
            "y",
            "22:22",
            "1_000",
            "0b1",
            "0x",
            "tRue",
            "1.2.3",
            "2026-11-20",
            "<<",
            "=",
        ]:
            self.assertEqual(plain(text), text)

    def test_too_long(self) -> None:
        """
        An integer that would take long to read is refused.
        """
        self.assertEqual(plain("9" * LONGEST_INTEGER), int("9" * LONGEST_INTEGER))
        self.assertRaises(ValueError, plain, "9" * (LONGEST_INTEGER + 1))


class QuotedTests(SynchronousTestCase):
    def test_always_text(self) -> None:
        """
        What is in quotes is text.
        """
        for text in ["", "no", "true", "12", "~"]:
            self.assertEqual(scalar_value(text, None, plain=False), text)


class TaggedTests(SynchronousTestCase):
    def test_core_tags(self) -> None:
        """
        A tag of the core schema decides, quotes or not.
        """
        self.assertEqual(scalar_value("12", TAGS + "str", plain=True), "12")
        self.assertEqual(scalar_value("12", TAGS + "int", plain=False), 12)
        self.assertIs(scalar_value("true", TAGS + "bool", plain=False), True)
        self.assertEqual(scalar_value("true", "!", plain=True), "true")

    def test_misfit(self) -> None:
        """
        A text that does not fit its tag is refused.
        """
        self.assertRaises(ValueError, scalar_value, "x", TAGS + "int", plain=True)
        self.assertRaises(ValueError, scalar_value, "yes", TAGS + "bool", plain=True)

    def test_unknown_tags(self) -> None:
        """
        No other tag has a meaning: nothing is ever made of a Python name.
        """
        for tag in [TAGS + "python/object:os.system", TAGS + "binary", "!include", "int", "bool"]:
            self.assertRaises(ValueError, scalar_value, "1", tag, plain=True)
