from __future__ import annotations

import re

from hypothesis import given
from hypothesis.strategies import binary
from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.balancers.seal import CONTENT, LENGTH, Seal

SECRET = bytes(range(32))
CONTENTS = b"seventeen octets!"


class SealTests(SynchronousTestCase):
    def test_there_and_back(self) -> None:
        """
        What was sealed is read again by whoever has the secret, in another process too.
        """
        text = Seal(SECRET, b"sticky").seal(CONTENTS)
        self.assertEqual(Seal(SECRET, b"sticky").open(text), CONTENTS)

    def test_form(self) -> None:
        """
        It is of characters that may stand in a cookie, and always as many.
        """
        text = Seal(SECRET, b"sticky").seal(CONTENTS)
        self.assertEqual(len(CONTENTS), CONTENT)
        self.assertTrue(re.fullmatch(rb"[A-Za-z0-9_-]{%d}" % LENGTH, text), text)

    def test_unrelated(self) -> None:
        """
        Two of the same look like any two others: none of 64 places holds the same character
        in all of many texts.
        """
        seal = Seal(SECRET, b"sticky")
        texts = {seal.seal(CONTENTS) for _ in range(100)}
        self.assertEqual(len(texts), 100)
        self.assertNotIn(1, [len(set(column)) for column in zip(*texts, strict=True)])

    def test_not_ours(self) -> None:
        """
        With another secret, or for another purpose, it is none of ours.
        """
        text = Seal(SECRET, b"sticky").seal(CONTENTS)
        self.assertIsNone(Seal(bytes(32), b"sticky").open(text))
        self.assertIsNone(Seal(SECRET, b"other").open(text))

    def test_forged(self) -> None:
        """
        One that was changed in any place is none of ours.
        """
        seal = Seal(SECRET, b"sticky")
        text = seal.seal(CONTENTS)
        for place in range(LENGTH):
            other = b"A" if text[place : place + 1] != b"A" else b"B"
            self.assertIsNone(seal.open(text[:place] + other + text[place + 1 :]), place)

    @given(binary(max_size=LENGTH + 1) | binary(min_size=LENGTH, max_size=LENGTH))
    def test_anything(self, text: bytes) -> None:
        """
        Nothing that a client could send is more than none of ours.
        """
        self.assertIsNone(Seal(SECRET, b"sticky").open(text))
