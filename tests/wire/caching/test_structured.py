"""
Tests of L{revproxy.wire.caching.structured}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.structured import (
    BOOLEAN,
    INTEGER,
    OTHER,
    STRING,
    parse_dictionary,
    write_name,
    write_string,
)

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20).map(str.encode)


class ParseDictionaryTests(SynchronousTestCase):
    def test_types(self) -> None:
        """
        RFC 9651 sections 3.2 and 4.2: every type is read.
        """
        for value, expected in [
            (b"", {}),
            (b"   ", {}),
            (b"a", {b"a": (BOOLEAN, b"1")}),
            (b"a=?1", {b"a": (BOOLEAN, b"1")}),
            (b"a=?0", {b"a": (BOOLEAN, b"0")}),
            (b"a=5", {b"a": (INTEGER, b"5")}),
            (b"a=-5", {b"a": (INTEGER, b"-5")}),
            (b"a=005", {b"a": (INTEGER, b"005")}),
            (b"a=999999999999999", {b"a": (INTEGER, b"999999999999999")}),
            (b"a=1.5", {b"a": (OTHER, b"1.5")}),
            (b'a="x, y"', {b"a": (STRING, b"x, y")}),
            (b'a=""', {b"a": (STRING, b"")}),
            (b'a="\\"\\\\"', {b"a": (STRING, b'"\\')}),
            (b"a=token/x:y", {b"a": (OTHER, b"token/x:y")}),
            (b"a=*x", {b"a": (OTHER, b"*x")}),
            (b"a=:aGk=:", {b"a": (OTHER, b":aGk=:")}),
            (b"a=@1659578233", {b"a": (OTHER, b"@1659578233")}),
            (b'a=%"f%c3%bc"', {b"a": (OTHER, b'%"f%c3%bc"')}),
            (b"a=()", {b"a": (OTHER, b"()")}),
            (b'a=( 1  "x";y=1 z );q=2', {b"a": (OTHER, b'( 1  "x";y=1 z )')}),
        ]:
            self.assertEqual(parse_dictionary(value), expected, value)

    def test_members(self) -> None:
        """
        RFC 9651 section 4.2.2: white space, parameters, and the last of repeated keys.
        """
        for value, keys in [
            (b"a,b", [b"a", b"b"]),
            (b"  a \t,\t b  ", [b"a", b"b"]),
            (b"a;x, b;y=1;z", [b"a", b"b"]),
            (b"a; x=1;  y, b", [b"a", b"b"]),
            (b'a=1;x="y, z", b', [b"a", b"b"]),
            (b"*a, b-c_d.e*1", [b"*a", b"b-c_d.e*1"]),
        ]:
            self.assertEqual(list(parse_dictionary(value) or ()), keys, value)
        self.assertEqual(parse_dictionary(b"a=1, b, a=2"), {b"a": (INTEGER, b"2"), b"b": (BOOLEAN, b"1")})

    def test_malformed_values(self) -> None:
        """
        RFC 9651 section 4.2: of a malformed value nothing is read.
        """
        for value in [
            b",",
            b"a,",
            b"a, ",
            b",a",
            b"a,,b",
            b"a b",
            b"A",
            b"MaX-aGe=3600",
            b"1a",
            b"a =1",
            b"a= 1",
            b"a=",
            b"a=1a",
            b"a=1.",
            b"a=1.2345",
            b"a=1234567890123456",
            b"a=1234567890123.1",
            b"a=--1",
            b"a=?2",
            b"a=?",
            b'a="x',
            b'a="x"y',
            b'a="\\x"',
            b'a="\xff"',
            b"a=\xff",
            b"a=(",
            b"a=(1",
            b'a=(1"x")',
            b"a=(1,2)",
            b"a=:x",
            b"a ;x",
            b"a;X",
            b"max-age=10000, &&&&&",
            b"a\t",
            b"a\n",
        ]:
            self.assertIsNone(parse_dictionary(value), value)

    def test_long_values(self) -> None:
        """
        The time that it takes to read a value grows no faster than its length.
        """
        for value in [
            b"a=" + b"(" * 50_000,
            b"a=(" + b"1 " * 50_000,
            b"a;" * 50_000,
            b'a="' + b"\\" * 100_000,
        ]:
            self.assertIsNone(parse_dictionary(value))

    @settings(deadline=None)
    @given(st.dictionaries(st.text("abc*-", min_size=1).filter(lambda key: key[0] != "-"), PRINTABLE))
    def test_what_is_written_is_read(self, written: dict[str, bytes]) -> None:
        """
        Any string is read as it was written.
        """
        value = b", ".join(key.encode() + b"=" + write_string(text) for key, text in written.items())
        expected = {key.encode(): (STRING, text) for key, text in written.items()}
        self.assertEqual(parse_dictionary(value), expected)

    @settings(deadline=None)
    @given(st.binary(max_size=30) | st.text('ab=1?"\\(); ,.:@%', max_size=30).map(str.encode))
    def test_any_octets(self, value: bytes) -> None:
        """
        Nothing makes reading fail.
        """
        parse_dictionary(value)


class WriteTests(SynchronousTestCase):
    def test_strings(self) -> None:
        """
        RFC 9651 section 4.1.6: quotes and backslashes are escaped, and what cannot stand
        in a string is percent-encoded.
        """
        for text, expected in [
            (b"", b'""'),
            (b"a b%20", b'"a b%20"'),
            (b'a"b\\c', b'"a\\"b\\\\c"'),
            (b"a\r\nb", b'"a%0D%0Ab"'),
            (b"5%\xc3\xbc", b'"5%25%C3%BC"'),
        ]:
            self.assertEqual(write_string(text), expected, text)

    def test_names(self) -> None:
        """
        RFC 9651 section 4.1.7: a token is written as it is.
        """
        for text, expected in [
            (b"ExampleCache", b"ExampleCache"),
            (b"cache-3.example.com:80/x", b"cache-3.example.com:80/x"),
            (b"*", b"*"),
            (b"CDN Company", b'"CDN Company"'),
            (b"3rd", b'"3rd"'),
            (b"", b'""'),
        ]:
            self.assertEqual(write_name(text), expected, text)

    @settings(deadline=None)
    @given(st.binary(), st.binary())
    def test_any_octets(self, one: bytes, other: bytes) -> None:
        """
        Whatever is written can be sent in a field, and is the same only for the same.
        """
        self.assertNotRegex(write_string(one), rb"[^ -~]")
        if b"%" not in one + other:
            self.assertEqual(write_string(one) == write_string(other), one == other)
