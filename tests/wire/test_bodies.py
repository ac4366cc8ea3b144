"""
Tests of L{revproxy.wire.bodies}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import BadRequest, ExchangeError, UpstreamMalformed
from revproxy.wire.bodies import Body, ChunkedBody, LengthBody, UntilCloseBody
from revproxy.wire.fields import FrozenFields
from revproxy.wire.serialize import chunk_bytes, last_chunk_bytes
from tests.wire.outcome import outcome

WIKI = b"4\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\n"

WELL_FORMED = [
    (WIKI, b"Wikipedia in \r\n\r\nchunks."),
    (b"0\r\n\r\n", b""),
    (b"000\r\n\r\n", b""),
    (b"00005\r\nhello\r\n0\r\n\r\n", b"hello"),
    (b"a\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    (b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    (b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n"),
    (b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", b"0\r\n\r\n"),
    (b"1;a\r\nx\r\n0;b\r\n\r\n", b"x"),
    (b"1;a=b;c\r\nx\r\n0\r\n\r\n", b"x"),
    (b'1;a="b c; d"\r\nx\r\n0\r\n\r\n', b"x"),
    (b"1;" + b"e" * 255 + b"\r\nx\r\n0\r\n\r\n", b"x"),
    (b"1\r\nx\r\n0\r\na: 1\r\nb: 2\r\n\r\n", b"x"),
]

MALFORMED = [
    b"\r\n",
    b"\n",
    b";a\r\n",
    b"g\r\n",
    b"x5\r\n",
    b"0x5\r\n",
    b"+5\r\n",
    b"-5\r\n",
    b" 5\r\n",
    b"5 \r\n",
    b"5\t\r\n",
    b"5 ;a\r\n",
    b"5_0\r\n",
    b"5,\r\n",
    b"5\n",
    b"5\rhello",
    b"5\r\r\n",
    b"5;a\n",
    b"5;a\rhello",
    b"5;\x00\r\n",
    b"5;\x7f\r\n",
    b"5;a\x0b\r\n",
    b"5;" + b"e" * 256 + b"\r\n",
    b"1000000000000000\r\n",
    b"ffffffffffffffff\r\n",
    b"10000000000000005\r\n",
    b"0000000000000005\r\n",
    b"\xef\xbc\x95\r\n",
    b"5\r\nhelloX",
    b"5\r\nhello\n",
    b"5\r\nhello\r\r",
    b"5\r\nhello0\r\n\r\n",
    b"5\r\nhello;\r\n\r\n",
    b"5\r\nhello\r\n;\r\n",
    b"5\r\nhello\r\n\r\n0\r\n\r\n",
    b"0\r\n a: 1\r\n\r\n",
    b"0\r\na : 1\r\n\r\n",
    b"0\r\na: 1\r\n b\r\n\r\n",
    b"0\r\na: 1\nb: 2\r\n\r\n",
    b"0\r\n: 1\r\n\r\n",
    b"0\r\na: \x00\r\n\r\n",
    b"0\r\nContent-Length: 5\r\n\r\n",
    b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
]


def feed(body: Body, pieces: Iterable[bytes]) -> tuple[bytes, bytes | None]:
    """
    @return: all the content, and what follows the body, C{None} where it has not ended.
    """
    content, rest = b"", None
    for piece in pieces:
        if rest is None:
            more, rest = body.feed(piece)
            content += more
        else:
            rest += piece
    return content, rest


def chunked() -> ChunkedBody:
    return ChunkedBody(BadRequest)


def two_parts(data: bytes) -> Iterator[list[bytes]]:
    return ([data[:at], data[at:]] for at in range(len(data) + 1))


def octets(data: bytes) -> list[bytes]:
    return [b"%c" % octet for octet in data]


def split_at(data: bytes, places: Iterable[int]) -> list[bytes]:
    pieces, last = [], 0
    for place in sorted({min(place, len(data)) for place in places}):
        pieces.append(data[last:place])
        last = place
    return [*pieces, data[last:]]


class LengthBodyTests(SynchronousTestCase):
    def test_every_split(self) -> None:
        """
        The content is the same wherever the body was split, and what follows it is
        not taken.
        """
        message = b"hello" + b"GET /"
        for pieces in [*two_parts(message), octets(message)]:
            self.assertEqual(feed(LengthBody(5), pieces), (b"hello", b"GET /"), pieces)

    def test_not_ended(self) -> None:
        """
        Pitfall 13: one octet short is not the end.
        """
        self.assertEqual(feed(LengthBody(5), [b"hell"]), (b"hell", None))

    def test_exactly(self) -> None:
        """
        A body that ends with what was read leaves nothing, and is handed on as it is.
        """
        data = b"hello"
        content, rest = LengthBody(5).feed(data)
        self.assertIs(content, data)
        self.assertEqual(rest, b"")

    def test_empty(self) -> None:
        """
        A body of no octets ends at once.
        """
        self.assertEqual(LengthBody(0).feed(b"GET"), (b"", b"GET"))
        self.assertEqual(LengthBody(0).feed(b""), (b"", b""))

    def test_no_trailers(self) -> None:
        """
        There are no trailers without chunks.
        """
        self.assertEqual(LengthBody(1).trailers, ())


class UntilCloseBodyTests(SynchronousTestCase):
    def test_never_ends(self) -> None:
        """
        All that comes is content.
        """
        body = UntilCloseBody()
        self.assertEqual(feed(body, [b"0\r\n", b"\r\n", b""]), (b"0\r\n\r\n", None))
        self.assertEqual(body.trailers, ())


class ChunkedBodyTests(SynchronousTestCase):
    def test_well_formed(self) -> None:
        """
        Chunks give their content and end where they say.  Pitfall 6: extensions are
        dropped.
        """
        for message, content in WELL_FORMED:
            self.assertEqual(feed(chunked(), [message]), (content, b""), message)

    def test_every_split(self) -> None:
        """
        It makes no difference where a message was split, nor what follows it.
        """
        for message, content in WELL_FORMED:
            for pieces in [*two_parts(message), octets(message)]:
                self.assertEqual(feed(chunked(), [*pieces, b"GET"]), (content, b"GET"), pieces)

    def test_what_follows(self) -> None:
        """
        Pitfall 2: what comes in one piece with the last chunk is not lost and not taken.
        """
        for message, content in WELL_FORMED:
            self.assertEqual(feed(chunked(), [message + b"GET / HTTP/1.1"]), (content, b"GET / HTTP/1.1"))

    def test_not_ended(self) -> None:
        """
        Pitfall 13: no proper beginning of a body is its end.
        """
        for message, content in WELL_FORMED:
            for end in range(len(message)):
                received, rest = feed(chunked(), [message[:end]])
                self.assertIsNone(rest, message[:end])
                self.assertTrue(content.startswith(received))

    def test_malformed(self) -> None:
        """
        Pitfall 6: sizes are digits alone and bounded, lines end in CRLF, extensions
        and trailers hold no control; anything else is refused.
        """
        taken = [message for message in MALFORMED if self.fed([message]) is not BadRequest]
        self.assertEqual(taken, [])

    def test_malformed_in_any_split(self) -> None:
        """
        Pitfall 6: what is refused whole is refused in pieces.
        """
        for message in MALFORMED:
            splits = [*two_parts(message), octets(message)]
            self.assertEqual([pieces for pieces in splits if self.fed(pieces) is not BadRequest], [])

    def test_malformed_later(self) -> None:
        """
        A chunk that is well formed excuses nothing behind it.
        """
        messages = [b"1\r\nx\r\n" + message for message in MALFORMED]
        self.assertEqual([each for each in messages if self.fed([each]) is not BadRequest], [])

    def test_the_error_is_the_callers(self) -> None:
        """
        In a response the mistake is the upstream's.
        """
        self.assertIs(outcome(ChunkedBody(UpstreamMalformed).feed, b"x\r\n"), UpstreamMalformed)

    def test_content_comes_at_once(self) -> None:
        """
        The part of a chunk that is there is handed on; nothing waits for the rest.
        """
        body = chunked()
        self.assertEqual(body.feed(b"a\r\n012"), (b"012", None))
        self.assertEqual(body.feed(b"345"), (b"345", None))
        self.assertEqual(body.feed(b"6789\r"), (b"6789", None))
        self.assertEqual(body.feed(b"\n"), (b"", None))

    def test_largest_chunk(self) -> None:
        """
        Pitfall 6: a size of fifteen digits is counted exactly, and nothing is held for it.
        """
        body = chunked()
        self.assertEqual(body.feed(b"fffffffffffffff\r\nx"), (b"x", None))
        self.assertEqual(body.feed(b"0\r\n\r\n"), (b"0\r\n\r\n", None))

    def test_endless_size_line(self) -> None:
        """
        Pitfall 6: a size line that does not end is refused before it grows.
        """
        body = chunked()
        body.feed(b"1;" + b"e" * 255)
        self.assertIs(outcome(body.feed, b"e"), BadRequest)

    @given(
        st.lists(st.binary(min_size=1, max_size=40), max_size=6),
        st.lists(st.integers(0, 300), max_size=12),
        st.binary(max_size=8),
    )
    def test_what_was_written_is_read(self, chunks: list[bytes], places: list[int], after: bytes) -> None:
        """
        What the serialiser writes is read back whole, in any pieces, and what follows
        is left.
        """
        trailers = [(b"x-a", b"1")] if len(chunks) % 2 else []
        message = b"".join(map(chunk_bytes, chunks)) + last_chunk_bytes(trailers)
        body = chunked()
        self.assertEqual(feed(body, split_at(message + after, places)), (b"".join(chunks), after))
        self.assertEqual(body.trailers, tuple(trailers))

    @given(
        st.lists(st.sampled_from([b"0", b"1", b"\r\n", b"\r", b"\n", b";", b"a", b": ", b" "]), max_size=16)
    )
    def test_splits_change_nothing(self, parts: list[bytes]) -> None:
        """
        Octet by octet or at once: the same content, the same rest or the same error.
        """
        self.assertEqual(self.fed(parts), self.fed([b"".join(parts)]))
        self.assertEqual(self.fed(octets(b"".join(parts))), self.fed([b"".join(parts)]))

    def fed(self, pieces: Iterable[bytes]) -> tuple[bytes, bytes | None] | type[ExchangeError]:
        return outcome(feed, chunked(), pieces)


class TrailersTests(SynchronousTestCase):
    def trailers(self, section: bytes, pieces: Callable[[bytes], list[bytes]] = octets) -> FrozenFields:
        body = chunked()
        self.assertEqual(feed(body, pieces(b"0\r\n%b\r\nGET" % section)), (b"", b"GET"))
        return body.trailers

    def test_forwarded(self) -> None:
        """
        Pitfall 14: trailers are kept apart from the fields of the head, in order.
        """
        expected = ((b"grpc-status", b"0"), (b"x-a", b"1"), (b"x-a", b"2"))
        section = b"Grpc-Status: 0\r\nX-A: 1\r\nx-a:2\r\n"
        self.assertEqual(self.trailers(section), expected)
        self.assertEqual(self.trailers(section, lambda data: [data]), expected)

    def test_not_before_the_end(self) -> None:
        """
        Pitfall 14: half a trailer section has no trailers yet.
        """
        body = chunked()
        body.feed(b"0\r\nx-a: 1\r\n")
        self.assertEqual(body.trailers, ())

    def test_dropped(self) -> None:
        """
        Pitfall 14: what says who asks, how to route or how to read the message stops
        here (RFC 9110 section 6.5.1).
        """
        names = [
            b"Authorization", b"Cookie", b"Set-Cookie", b"Host", b"Connection", b"Upgrade", b"TE", b"Trailer",
            b"Content-Type", b"Content-Encoding", b"Content-Range", b"Expect", b"Range", b"Forwarded", b"Via",
            b"X-Forwarded-For", b"X-Forwarded-Host", b"X-Forwarded-Port", b"X-Forwarded-Proto",
            b"Proxy-Authorization", b"Keep-Alive", b"WWW-Authenticate",
        ]  # fmt: skip
        for name in names:
            section = b"x-a: 1\r\n%b: x\r\nx-b: 2\r\n" % name
            self.assertEqual(self.trailers(section), ((b"x-a", b"1"), (b"x-b", b"2")), name)

    def test_framing_is_refused(self) -> None:
        """
        Pitfall 14: a trailer that would change the framing is no mistake to overlook.
        """
        for line in (b"Content-Length: 0", b"transfer-encoding: chunked", b"TRANSFER-ENCODING: x"):
            self.assertIs(outcome(feed, chunked(), [b"0\r\nx: 1\r\n%b\r\n\r\n" % line]), BadRequest)

    def test_size(self) -> None:
        """
        Pitfall 36: a trailer section may have so many octets and no more, in one piece
        or in many.
        """
        for pieces in (octets, lambda data: [data]):
            for size, expected in [(100, (b"", b"")), (101, BadRequest)]:
                section = b"0\r\na: %b\r\n\r\n" % (b"x" * (size - 7))
                self.assertEqual(outcome(feed, ChunkedBody(BadRequest, 100), pieces(section)), expected)

    def test_endless(self) -> None:
        """
        Pitfall 36: a section that does not end is refused before it grows.
        """
        body = ChunkedBody(BadRequest, most_trailers=100)
        body.feed(b"0\r\n")
        self.assertIs(outcome(feed, body, [b"a: 1\r\n"] * 20), BadRequest)
