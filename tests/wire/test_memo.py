"""
Tests of L{revproxy.wire.memo}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.wire.memo import Memo


class MemoTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.memo = Memo(2)

    def test_second_time(self) -> None:
        """
        What is seen once is not kept, what is seen again is.
        """
        self.memo.add(b"a", "A")
        self.assertEqual(self.memo.known, {})
        self.memo.add(b"a", "A again")
        self.assertEqual(self.memo.known, {b"a": "A again"})

    def test_bounded(self) -> None:
        """
        With too many, all are forgotten but the newest.
        """
        for key in (b"a", b"a", b"b", b"b"):
            self.memo.add(key, "")
        self.assertEqual(set(self.memo.known), {b"a", b"b"})
        for key in (b"c", b"c"):
            self.memo.add(key, "")
        self.assertEqual(set(self.memo.known), {b"c"})

    def test_what_never_comes_again(self) -> None:
        """
        Of what comes once only as much is noted as may be remembered.
        """
        for number in range(100):
            self.memo.add(b"%d" % number, "")
        self.assertEqual(self.memo.known, {})
        self.assertLessEqual(len(self.memo._seen), 2)
