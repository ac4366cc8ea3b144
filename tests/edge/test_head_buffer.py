"""
Tests of L{revproxy.edge.head_buffer}, and of the limits of heads as clients meet them.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.head_buffer import HeadBuffer
from revproxy.wire.request_head import HeadLimits
from tests.edge.memory import MemoryConnection
from tests.edge.proxied import OK, ProxiedTestCase, refused, undated

HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class HeadBufferTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.checked: list[tuple[bytes, int]] = []
        self.buffer = HeadBuffer()

    def feed(self, *pieces: bytes) -> list[tuple[bytes, bytes] | None]:
        return [self.buffer.feed(piece, self.check) for piece in pieces]

    def check(self, held: bytearray, searched: int) -> None:
        self.checked.append((bytes(held), searched))

    def test_in_one_piece(self) -> None:
        """
        A head that comes whole is not kept, and what follows it is given back.
        """
        self.assertEqual(self.feed(HEAD + b"rest"), [(HEAD, b"rest")])
        self.assertFalse(self.buffer)
        self.assertEqual(self.checked, [])

    def test_in_two_pieces(self) -> None:
        """
        Wherever a head is split, it is put together again.
        """
        for position in range(1, len(HEAD)):
            self.assertEqual(self.feed(HEAD[:position], HEAD[position:] + b"x"), [None, (HEAD, b"x")])
            self.assertFalse(self.buffer)

    def test_empty_lines(self) -> None:
        """
        Empty lines in front are left out, wherever they are split.
        """
        lines = b"\r\n\r\n\r\n"
        for position in range(1, len(lines)):
            *_, last = self.feed(lines[:position], lines[position:] + HEAD)
            self.assertEqual(last, (HEAD, b""))

    def test_checks_what_is_new(self) -> None:
        """
        An incomplete head is shown for checking, with how much of it was seen before, but
        for what may be the beginning of its end.
        """
        self.feed(b"GET / H", b"TTP")
        self.assertEqual(self.checked, [(b"GET / H", 0), (b"GET / HTTP", 4)])
        self.assertTrue(self.buffer)

    def test_clear(self) -> None:
        """
        What was kept can be forgotten.
        """
        self.feed(b"GET")
        self.buffer.clear()
        self.assertFalse(self.buffer)
        self.assertEqual(self.feed(HEAD), [(HEAD, b"")])


class LimitsTests(ProxiedTestCase):
    """
    Pitfall 36: heads that are too large.
    """

    LIMITS = HeadLimits(request_line=40, head=100, fields=5)

    def refusal(self, raw: bytes, byte_by_byte: bool) -> bytes:
        """
        What the client gets, which has to be all there is.
        """
        self.start(head_limits=self.LIMITS)
        (self.client.drip if byte_by_byte else self.client.send)(raw)
        self.assertEqual(self.proxied.origins, [])
        return undated(self.client.received)

    def check(self, raw: bytes, status: bytes) -> None:
        for byte_by_byte in False, True:
            self.assertEqual(self.refusal(raw, byte_by_byte), refused(status))

    def test_request_line(self) -> None:
        """
        Pitfall 36: a request line that is too long gets 414.
        """
        self.check(b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * 40), b"414 URI Too Long")

    def test_endless_request_line(self) -> None:
        """
        Pitfall 36: before it ends, too.
        """
        self.check(b"GET /" + b"a" * 100, b"414 URI Too Long")

    def test_section(self) -> None:
        """
        Pitfall 36: a header section that is too large gets 431.
        """
        raw = b"GET / HTTP/1.1\r\nHost: a\r\nX: %b\r\n\r\n" % (b"a" * 100)
        self.check(raw, b"431 Request Header Fields Too Large")

    def test_endless_section(self) -> None:
        """
        Pitfall 36: before it ends, too.
        """
        raw = b"GET / HTTP/1.1\r\nHost: a\r\nX: %b" % (b"a" * 100)
        self.check(raw, b"431 Request Header Fields Too Large")

    def test_fields(self) -> None:
        """
        Pitfall 36: too many fields get 431.
        """
        raw = b"GET / HTTP/1.1\r\nHost: a\r\n%b\r\n" % (b"X: 1\r\n" * 5)
        self.check(raw, b"431 Request Header Fields Too Large")

    def test_within(self) -> None:
        """
        Heads of just the limits are taken.
        """
        for line, section in (
            (b"GET /%b HTTP/1.1" % (b"a" * 26), b"Host: a\r\n"),
            (b"GET / HTTP/1.1", b"Host: a\r\nX: %b\r\n" % (b"a" * 84)),
            (b"GET / HTTP/1.1", b"Host: a\r\n" + b"X: 1\r\n" * 4),
        ):
            for feed in MemoryConnection.send, MemoryConnection.drip:
                self.start(head_limits=self.LIMITS)
                feed(self.client, b"%b\r\n%b\r\n" % (line, section))
                self.proxied.origin.send(OK)
                self.assertEqual(self.proxied.statuses, [200])
