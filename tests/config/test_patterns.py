from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.patterns import MOST_SAID, parse_octets, parse_pattern


class OctetsTests(SynchronousTestCase):
    def test_right(self) -> None:
        """
        A text is what it is in UTF-8.
        """
        self.assertEqual(parse_octets("PING\r\n"), b"PING\r\n")
        self.assertEqual(parse_octets("é"), b"\xc3\xa9")
        self.assertEqual(len(parse_octets("x" * MOST_SAID)), MOST_SAID)

    def test_wrong(self) -> None:
        """
        What is no text, says nothing, or is too long for one write is refused.
        """
        for value in (None, 5, b"PING", "", "x" * (MOST_SAID + 1), "é" * (MOST_SAID // 2 + 1)):
            self.assertRaises(ValueError, parse_octets, value)


class PatternTests(SynchronousTestCase):
    def test_right(self) -> None:
        """
        A pattern looks at octets, as those of UTF-8.
        """
        self.assertIsNotNone(parse_pattern("(?i)caf(é|e)").search("CAFé".encode()))
        self.assertIsNone(parse_pattern("^up$").search(b"up and running"))

    def test_wrong(self) -> None:
        """
        What is none is refused with the reason.
        """
        for value in ("(up", "[", "*", "(?<=a+)", "a{5,2}", "(" * 500 + ")" * 500):
            error = self.assertRaises(ValueError, parse_pattern, value)
            self.assertSubstring("is no regular expression: ", str(error))
        self.assertRaises(ValueError, parse_pattern, "")
