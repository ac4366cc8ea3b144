"""
Tests of L{revproxy.components.stores.recent}.
"""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.stores.recent import Recent


class RecentTests(SynchronousTestCase):
    def test_taken_once(self) -> None:
        """
        What was remembered is there once.
        """
        recent = Recent()
        self.assertFalse(recent.take(7))
        recent.add(7, 10)
        self.assertFalse(recent.take(8))
        self.assertTrue(recent.take(7))
        self.assertFalse(recent.take(7))

    def test_any_hash(self) -> None:
        """
        Hashes may be of either sign and of any size.
        """
        recent = Recent()
        for digest in (0, 1 << 32, -1, -(1 << 60), (1 << 61) - 1, 12345):
            self.assertFalse(recent.take(digest))
            recent.add(digest, 10)
            self.assertTrue(recent.take(digest))

    def test_bounded(self) -> None:
        """
        Of many, it remembers about as many as it is told to, mostly the latest.
        """
        recent = Recent()
        random = Random(2)
        digests = [random.getrandbits(60) for _ in range(20_000)]
        for digest in digests:
            recent.add(digest, 4000)
        self.assertLess(recent.octets, 4 * 8192 + 1)
        early = sum(recent.take(digest) for digest in digests[:10_000])
        late = sum(recent.take(digest) for digest in digests[-2000:])
        self.assertGreater(late, 1200)
        self.assertLess(early, 2500)

    def test_growing(self) -> None:
        """
        While it grows it forgets nothing.
        """
        recent = Recent()
        for number in range(1, 1000):
            recent.add(number, 1000)
        octets = recent.octets
        recent.add(1500, 10_000)
        self.assertEqual(recent.octets, 2 * octets)
        self.assertTrue(all(recent.take(number) for number in range(1, 1000)))
