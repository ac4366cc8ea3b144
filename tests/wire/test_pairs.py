"""
Tests of L{revproxy.wire.pairs}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.pairs import first_value, tokens, values_of

PAIRS = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]


class LookupTests(SynchronousTestCase):
    def test_values(self) -> None:
        """
        All values of a field in order; none for one that is absent.
        """
        self.assertEqual(values_of(PAIRS, b"a"), [b"1", b"3"])
        self.assertEqual(values_of(PAIRS, b"c"), [])

    def test_first_value(self) -> None:
        """
        The first value, an empty one too; C{None} for a field that is absent.
        """
        self.assertEqual(first_value(PAIRS, b"a"), b"1")
        self.assertEqual(first_value([(b"a", b""), (b"a", b"1")], b"a"), b"")
        self.assertIsNone(first_value(PAIRS, b"c"))


class TokensTests(SynchronousTestCase):
    def test_list(self) -> None:
        """
        RFC 9110 section 5.6.1: members of all values, in lower case, without the
        space around them and without empty ones.
        """
        self.assertEqual(tokens([b"Close, Keep-Alive", b" ,\tte ,,", b""]), [b"close", b"keep-alive", b"te"])

    def test_nothing(self) -> None:
        """
        No value, or a value of nothing but commas, is an empty list.
        """
        self.assertEqual(tokens([]), [])
        self.assertEqual(tokens([b" , \t,"]), [])

    def test_only_optional_space_is_removed(self) -> None:
        """
        Pitfall 1: a vertical tab or another control is a part of the member, so that
        it does not become a coding that it only looks like.
        """
        self.assertEqual(tokens([b"\x0bchunked", b"chunked\x0c"]), [b"\x0bchunked", b"chunked\x0c"])
