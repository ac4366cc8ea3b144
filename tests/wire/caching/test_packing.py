"""
Tests of L{revproxy.wire.caching.packing}.
"""

from __future__ import annotations

from struct import pack_into
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.freshness import Freshness
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.packing import MalformedHead, pack_head, unpack_head
from revproxy.wire.caching.validators import Validators
from tests.wire.caching.heads import heads, said_by

HEAD = KeptHead(
    200,
    b"OK",
    [(b"content-type", b"text/plain"), (b"etag", b'"1"')],
    (b"accept", b"cookie"),
    b"secondary",
    Freshness(1.5, 2.5, 3.5, stale_if_error=7),
    Validators(b'"1"', b"Fri, 15 Jan 2027 08:00:00 GMT", 5, 6),
    (b"tag",),
)


def with_sum(packed: bytes) -> bytes:
    """
    The same with the right checksum, as somebody may write it who wants to.
    """
    return crc32(packed[4:]).to_bytes(4, "little") + packed[4:]


class PackingTests(SynchronousTestCase):
    def assertRefused(self, packed: bytes) -> None:
        with self.assertRaises(MalformedHead):
            unpack_head(packed)

    @given(heads())
    def test_round_trip(self, head: KeptHead) -> None:
        """
        Any head is read as it was written.
        """
        self.assertEqual(said_by(unpack_head(pack_head(head))), said_by(head))

    def test_torn(self) -> None:
        """
        A head of which a part is missing or too much is there is refused.
        """
        packed = pack_head(HEAD)
        for length in range(len(packed)):
            self.assertRefused(packed[:length])
            self.assertRefused(with_sum(packed[:length]))
        self.assertRefused(packed + b"\0")
        self.assertRefused(with_sum(packed + b"\0"))

    def test_changed(self) -> None:
        """
        A head of which any octet has changed is refused.
        """
        packed = pack_head(HEAD)
        for place in range(len(packed)):
            self.assertRefused(packed[:place] + bytes((packed[place] ^ 1,)) + packed[place + 1 :])

    def test_other_version(self) -> None:
        """
        So is one of another version.
        """
        packed = bytearray(pack_head(HEAD))
        packed[4] += 1
        self.assertRefused(with_sum(bytes(packed)))

    def test_unsafe_lines(self) -> None:
        """
        So is one whose fields could not be sent, and one with times that are no numbers.
        """
        for lines in (b"x: y", b"x\r\n", b": y\r\n", b"x: \r\r\n", b"x: y\nz: \r\n", b"x: \0\r\n", b"\r\n"):
            head = KeptHead(200, b"", lines, (), b"", HEAD.freshness, HEAD.validators)
            self.assertRefused(pack_head(head))
        for place in range(3):
            for wrong in (float("nan"), float("inf")):
                packed = bytearray(pack_head(HEAD))
                pack_into("<d", packed, 8 + 8 * place, wrong)
                self.assertRefused(with_sum(bytes(packed)))

    @given(st.binary(max_size=300), st.booleans())
    def test_anything(self, octets: bytes, summed: bool) -> None:
        """
        Octets that were not written here make no head, and no other error, even where
        the checksum is right.
        """
        try:
            unpack_head(with_sum(octets) if summed else octets)
        except MalformedHead:
            pass

    @given(st.integers(0, 300), st.binary(min_size=1, max_size=8))
    def test_written_over(self, place: int, octets: bytes) -> None:
        """
        The same holds of a head that somebody has written over.
        """
        packed = pack_head(HEAD)
        place %= len(packed)
        try:
            unpack_head(with_sum(packed[:place] + octets + packed[place + len(octets) :]))
        except MalformedHead:
            pass
