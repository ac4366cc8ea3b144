"""
Tests of L{revproxy.wire.serialize}.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import BadRequest
from revproxy.wire.field_block import parse_fields
from revproxy.wire.fields import Fields, Pair
from revproxy.wire.serialize import (
    Prepared,
    UnsafeField,
    checked_line,
    chunk_bytes,
    field_lines,
    head_bytes,
    last_chunk_bytes,
)
from tests.wire.outcome import outcome

NAME_OCTETS = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
VALUE_OCTETS = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), 9})

names = st.lists(st.sampled_from(NAME_OCTETS), min_size=1, max_size=20).map(
    lambda octets: b"x" + bytes(octets)
)
values = st.lists(st.sampled_from(VALUE_OCTETS), max_size=40).map(lambda octets: bytes(octets).strip(b" \t"))
field_lists = st.lists(st.tuples(names, values), max_size=8)

UNSAFE_VALUES = [
    b"\r\n", b"a\r\nx: 1", b"a\nx: 1", b"a\rx: 1", b"\ra", b"a\n", b"a\x00b", b"\x00",
    b"a\r\n\r\nGET /admin HTTP/1.1\r\nhost: x", b"a\r\n b",
]  # fmt: skip

UNSAFE_NAMES = [
    b"", b" ", b"a b", b"a ", b" a", b"a:", b"a: b\r\nc", b"a\r", b"a\n", b"a\x00", b"a\tb", b"\x80", b"a(b)",
    b"a/b", b"\xc3\xa4",
]  # fmt: skip


class FieldLinesTests(SynchronousTestCase):
    def test_lines(self) -> None:
        """
        Each field is a line, in order, as it stands.
        """
        self.assertEqual(field_lines([(b"b", b"1"), (b"A", b""), (b"b", b"2")]), b"b: 1\r\nA: \r\nb: 2\r\n")

    def test_none(self) -> None:
        """
        No fields are no lines.
        """
        self.assertEqual(field_lines([]), b"")

    def test_unsafe_values(self) -> None:
        """
        Pitfall 37: a value that would end its line is refused, wherever it stands.
        """
        for value in UNSAFE_VALUES:
            for fields in [[(b"a", value)], [(b"a", b"1"), (b"b", value), (b"c", b"2")]]:
                self.assertIs(outcome(field_lines, fields), UnsafeField, value)

    def test_unsafe_names(self) -> None:
        """
        Pitfall 37: a name that is no token is refused, beside names that are known too.
        """
        for name in UNSAFE_NAMES:
            for fields in [[(name, b"1")], [(b"a", b"1"), (name, b"1")]]:
                self.assertIs(outcome(field_lines, fields), UnsafeField, name)

    def test_unsafe_names_are_not_learnt(self) -> None:
        """
        A name that was refused is refused again.
        """
        self.assertIs(outcome(field_lines, [(b"a b", b"1")]), UnsafeField)
        self.assertIs(outcome(field_lines, [(b"a b", b"1")]), UnsafeField)

    def test_two_wrongs(self) -> None:
        """
        Pitfall 37: line ends that would make up for one another are refused.
        """
        self.assertIs(outcome(field_lines, [(b"a", b"1\r"), (b"b", b"\n2")]), UnsafeField)

    def test_many_names(self) -> None:
        """
        Names are checked whether or not there is room to remember them.
        """
        for number in range(3000):
            self.assertEqual(field_lines([(b"x-%d" % number, b"1")]), b"x-%d: 1\r\n" % number)
        self.assertIs(outcome(field_lines, [(b"x 3001", b"1")]), UnsafeField)

    @given(field_lists)
    def test_is_read_back(self, fields: list[Pair]) -> None:
        """
        Whatever is written is parsed to the same fields.
        """
        self.assertEqual(parse_fields(field_lines(fields) + b"\r\n", BadRequest), tuple(fields))

    @given(st.lists(st.tuples(st.binary(max_size=4), st.binary(max_size=6)), min_size=1, max_size=3))
    def test_never_another_shape(self, fields: list[Pair]) -> None:
        """
        Pitfall 37: whatever the octets, there are as many lines as fields, or none at all.
        """
        text = outcome(field_lines, fields)
        if isinstance(text, bytes):
            self.assertEqual(text.split(b"\r\n"), [*map(b": ".join, fields), b""])
            self.assertEqual(len(text.splitlines()), len(fields))


class HeadBytesTests(SynchronousTestCase):
    def test_head(self) -> None:
        """
        A head is its line, its fields and the empty line.
        """
        self.assertEqual(head_bytes(b"GET / HTTP/1.1", [(b"a", b"1")]), b"GET / HTTP/1.1\r\na: 1\r\n\r\n")
        self.assertEqual(head_bytes(b"GET / HTTP/1.1", []), b"GET / HTTP/1.1\r\n\r\n")

    def test_unsafe(self) -> None:
        """
        Pitfall 37: nothing unsafe gets into a head, be it in the line or in a field.
        """
        self.assertIs(outcome(head_bytes, b"GET / HTTP/1.1\r\nx: 1", []), UnsafeField)
        self.assertIs(outcome(head_bytes, b"GET / HTTP/1.1", [(b"a", b"\r\n")]), UnsafeField)


class CheckedLineTests(SynchronousTestCase):
    def test_as_given(self) -> None:
        """
        A line without controls is given back, 8-bit octets and tabs included.
        """
        for line in (b"GET / HTTP/1.1", b"HTTP/1.1 200 \xc3\xa4\tb", b""):
            self.assertEqual(checked_line(line), line)

    def test_controls(self) -> None:
        """
        Pitfall 37: a control in a target, a method or a reason is refused.
        """
        refused = {octet for octet in range(256) if outcome(checked_line, b"GET /%c" % octet) is UnsafeField}
        self.assertEqual(refused, {*range(32), 127} - {9})


class ChunkTests(SynchronousTestCase):
    def test_chunk(self) -> None:
        """
        A chunk has its size in hexadecimal digits.
        """
        self.assertEqual(chunk_bytes(b"x" * 255), b"ff\r\n" + b"x" * 255 + b"\r\n")

    def test_last(self) -> None:
        """
        The last chunk has the trailers, or nothing.
        """
        self.assertEqual(last_chunk_bytes(()), b"0\r\n\r\n")
        self.assertEqual(last_chunk_bytes([(b"a", b"1")]), b"0\r\na: 1\r\n\r\n")

    def test_unsafe_trailers(self) -> None:
        """
        Pitfalls 14 and 37: trailers pass the same check.
        """
        self.assertIs(outcome(last_chunk_bytes, [(b"a", b"1\r\n\r\nGET")]), UnsafeField)


class PreparedTests(SynchronousTestCase):
    def test_lines(self) -> None:
        """
        Prepared fields have their lines ready, and are the fields that they were made from.
        """
        prepared = Prepared([(b"a", b"1"), (b"b", b"2")])
        self.assertEqual(prepared.lines, b"a: 1\r\nb: 2\r\n")
        self.assertEqual(prepared.fields, ((b"a", b"1"), (b"b", b"2")))

    def test_dated(self) -> None:
        """
        It knows whether there is a Date.
        """
        self.assertTrue(Prepared([(b"date", b"Sun, 06 Nov 1994 08:49:37 GMT")]).dated)
        self.assertFalse(Prepared([(b"a", b"date")]).dated)

    def test_apart(self) -> None:
        """
        Changing the list that it was made from does not change it.
        """
        fields = Fields([(b"a", b"1")])
        prepared = Prepared(fields)
        fields.set(b"a", b"2")
        self.assertEqual(prepared.fields, ((b"a", b"1"),))

    def test_unsafe(self) -> None:
        """
        Pitfall 37: what cannot be sent cannot be prepared.
        """
        self.assertIs(outcome(Prepared, [(b"a", b"\n")]), UnsafeField)
