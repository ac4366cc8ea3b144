"""
Tests of L{revproxy.wire.caching.content_range}.
"""

from email import message_from_bytes

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.content_range import (
    Place,
    multipart_end,
    multipart_length,
    multipart_type,
    parse_content_range,
    part_head,
    write_content_range,
)
from revproxy.wire.caching.ranges import Span

BODY = bytes(range(256)) * 4


class ContentRangeTests(SynchronousTestCase):
    def test_reading(self) -> None:
        """
        RFC 9110 section 14.4: a part, with the length of the whole or without.
        """
        for value, expected in [
            (b"bytes 42-1233/1234", Place(Span(42, 1234), 1234)),
            (b"bytes 42-1233/*", Place(Span(42, 1234), None)),
            (b"bytes */1234", Place(None, 1234)),
            (b"Bytes 0-0/1", Place(Span(0, 1), 1)),
            (b"bytes */0", Place(None, 0)),
        ]:
            self.assertEqual(parse_content_range(value), expected, value)

    def test_invalid_values(self) -> None:
        """
        RFC 9110 section 14.4: what contradicts itself, or is of another unit, is invalid.
        """
        for value in [
            b"",
            b"bytes",
            b"bytes 5-4/10",
            b"bytes 0-10/10",
            b"bytes */*",
            b"bytes 0-9",
            b"bytes 0-/10",
            b"bytes -9/10",
            b"bytes=0-9/10",
            b"bytes 0-9/10, bytes 0-9/10",
            b"bytes  0-9/10",
            b"bytes 0 - 9/10",
            b"lines 0-9/10",
            b"0-9/10",
            b"bytes 0-9/10\n",
            b"bytes 0-%b/*" % (b"9" * 5000),
        ]:
            self.assertIsNone(parse_content_range(value), value)

    @settings(deadline=None)
    @given(
        st.none() | st.tuples(st.integers(0, 10**17), st.integers(1, 10**9)),
        st.none() | st.integers(0, 10**9),
    )
    def test_what_is_written_is_read(self, part: tuple[int, int] | None, more: int | None) -> None:
        """
        Every part is read as it was written.
        """
        span = None if part is None else Span(part[0], part[0] + part[1])
        length = None if more is None else more + (0 if span is None else span.end)
        if span is not None or length is not None:
            self.assertEqual(parse_content_range(write_content_range(span, length)), Place(span, length))

    @settings(deadline=None)
    @given(st.binary(max_size=30) | st.text("bytes 019-/*", max_size=30).map(str.encode))
    def test_any_octets(self, value: bytes) -> None:
        """
        Nothing makes reading fail.
        """
        parse_content_range(value)


class MultipartTests(SynchronousTestCase):
    def multipart(self, spans: list[Span], content_type: bytes | None = b"text/plain") -> bytes:
        parts = [
            part_head(b"THIS", content_type, span, len(BODY)) + BODY[span.start : span.end] for span in spans
        ]
        return b"".join(parts) + multipart_end(b"THIS")

    def test_parts(self) -> None:
        """
        RFC 9110 section 14.6: each part has its type and place, and is found by others.
        """
        spans = [Span(0, 10), Span(500, 700)]
        head = b"content-type: " + multipart_type(b"THIS") + b"\r\n\r\n"
        read = message_from_bytes(head + self.multipart(spans)).get_payload()
        self.assertEqual([part["Content-Range"] for part in read], ["bytes 0-9/1024", "bytes 500-699/1024"])  # type: ignore[index]
        self.assertEqual({part["Content-Type"] for part in read}, {"text/plain"})  # type: ignore[index]

    def test_octets(self) -> None:
        """
        RFC 9110 section 14.6: the octets between the delimiters are those of the body.
        """
        self.assertEqual(
            self.multipart([Span(65, 70)], None),
            b"\r\n--THIS\r\ncontent-range: bytes 65-69/1024\r\n\r\nABCDE\r\n--THIS--\r\n",
        )

    @settings(deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=1, max_size=4), st.booleans()
    )
    def test_length(self, parts: list[tuple[int, int]], typed: bool) -> None:
        """
        The length that is told before is the length that is sent.
        """
        spans = [Span(start, start + size) for start, size in parts]
        content_type = b"a/b" if typed else None
        self.assertEqual(
            multipart_length(b"THIS", content_type, spans, len(BODY)),
            len(self.multipart(spans, content_type)),
        )
