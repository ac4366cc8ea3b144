"""
Tests of L{revproxy.wire.caching.kept}.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterable

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.wire.caching.freshness import Freshness
from revproxy.wire.caching.kept import KeptHead, octets_of
from revproxy.wire.caching.validators import Validators
from revproxy.wire.fields import FrozenFields
from revproxy.wire.serialize import UnsafeField
from tests.wire.caching.heads import heads, said_by
from tests.wire.caching.messages import NOW, fields

FRESHNESS = Freshness(NOW + 0.5, NOW - 9.25, NOW + 60.0, True, True, True, 30, 40)
VALIDATORS = Validators(b'"tag"', b"Fri, 15 Jan 2027 08:00:00 GMT", NOW, NOW + 1)


def a_head(
    *lines: str, vary: tuple[bytes, ...] = (), secondary: bytes = b"", tags: Iterable[bytes] = ()
) -> KeptHead:
    return KeptHead(200, b"OK", fields(*lines), vary, secondary, FRESHNESS, VALIDATORS, tags)


class KeptHeadTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.head = a_head("Content-Type: text/plain", "X-Odd: a: b", "X-Empty:", tags={b"b", b"a"})

    def test_lines(self) -> None:
        """
        The fields are held as lines that can be sent, and are read from them as they were.
        """
        self.assertEqual(self.head.lines, b"content-type: text/plain\r\nx-odd: a: b\r\nx-empty: \r\n")
        self.assertEqual(self.head.fields, fields("Content-Type: text/plain", "X-Odd: a: b", "X-Empty:"))
        self.assertIsInstance(self.head.fields, FrozenFields)
        self.assertEqual(a_head().fields, FrozenFields())

    def test_lines_that_are_there(self) -> None:
        """
        Lines that were checked already are taken as they are.
        """
        again = KeptHead(200, b"OK", self.head.lines, (), b"", FRESHNESS, VALIDATORS)
        self.assertIs(again.lines, self.head.lines)
        self.assertEqual(again.fields, self.head.fields)

    def test_unsafe(self) -> None:
        """
        A field that would change the shape of a message is refused.
        """
        for pair in [(b"x", b"a\r\nb: c"), (b"x y", b""), (b"x", b"\0")]:
            with self.assertRaises(UnsafeField):
                KeptHead(200, b"", [pair], (), b"", FRESHNESS, VALIDATORS)

    def test_rules(self) -> None:
        """
        The rules get what was given, also where there is nothing of it.
        """
        self.assertEqual(said_by(self.head.freshness), said_by(FRESHNESS))
        self.assertEqual(said_by(self.head.validators), said_by(VALIDATORS))
        none = KeptHead(200, b"", (), (), b"", Freshness(1.0, 2.0, 3.0), Validators(None, None, None, 4))
        self.assertEqual(said_by(none.freshness), said_by(Freshness(1.0, 2.0, 3.0)))
        self.assertEqual(said_by(none.validators), said_by(Validators(None, None, None, 4)))

    def test_age(self) -> None:
        """
        The age is the one that the rules tell.
        """
        for now in (NOW - 100.0, NOW + 0.5, NOW + 1.9, NOW + 1e6):
            self.assertEqual(self.head.age(now), FRESHNESS.age(now))

    def test_tags(self) -> None:
        """
        Tags are held in order, each that was given.
        """
        self.assertEqual(self.head.tags, (b"a", b"b"))
        self.assertEqual(a_head().tags, ())

    def test_with_freshness(self) -> None:
        """
        A head with another freshness has everything else of the first.
        """
        later = self.head.with_freshness(Freshness(1.0, 2.0, 3.0))
        self.assertEqual(said_by(later.freshness), said_by(Freshness(1.0, 2.0, 3.0)))
        again = said_by(later.with_freshness(self.head.freshness))
        self.assertEqual(again, said_by(self.head))

    def test_fits_same(self) -> None:
        """
        Two are for the same requests where the same fields had the same values.
        """
        one = a_head(vary=(b"accept",), secondary=b"1")
        self.assertTrue(one.fits_same(a_head("X: y", vary=(b"accept",), secondary=b"1")))
        self.assertFalse(one.fits_same(a_head(vary=(b"accept",), secondary=b"2")))
        self.assertFalse(one.fits_same(a_head(vary=(b"accept", b"dnt"), secondary=b"1")))

    @given(heads())
    def test_any_fields(self, head: KeptHead) -> None:
        """
        Whatever fields there are, they are read back.
        """
        again = KeptHead(200, b"", head.fields, (), b"", FRESHNESS, VALIDATORS)
        self.assertEqual(again.lines, head.lines)


class SizeTests(SynchronousTestCase):
    def test_octets(self) -> None:
        """
        Octets take no less than Python says, and little more.
        """
        for length in (0, 1, 100, 479, 480, 5000, 1 << 20):
            data = bytes(length)
            self.assertGreaterEqual(octets_of(data), sys.getsizeof(data))
            self.assertLess(octets_of(data), sys.getsizeof(data) + 32)

    def test_what_heads_take(self) -> None:
        """
        Heads take no more than they say, and not much less.
        """
        for lines, vary, tags in ((20, 0, 0), (1, 3, 0), (1, 0, 10)):
            tracemalloc.start()
            held = [numbered_head(number, lines, vary, tags) for number in range(1000)]
            taken = tracemalloc.get_traced_memory()[0] - sys.getsizeof(held)
            tracemalloc.stop()
            said = sum(head.size for head in held)
            self.assertGreater(said, 0.95 * taken, (lines, vary, tags))
            self.assertLess(said, 1.5 * taken, (lines, vary, tags))


def numbered_head(number: int, lines: int, vary: int, tags: int) -> KeptHead:
    """
    A head that shares nothing with another one.
    """
    return KeptHead(
        200,
        b"O%d" % number,
        [(b"x-field", b"value %d of %d" % (line, number)) for line in range(lines)],
        tuple([b"x-name-%d-%d" % (number, name) for name in range(vary)]),
        b"secondary %d" % number,
        Freshness(number + 0.5, number + 0.25, number + 0.125, False, False, False, number << 8, number << 9),
        Validators(b'"%d"' % number, b"date %d" % number, number << 10, number << 11),
        [b"tag-%d-%d" % (number, tag) for tag in range(tags)],
    )
