"""
Tests of L{revproxy.wire.caching.validators}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.validators import (
    is_strong,
    parse_etags,
    read_validators,
    same_strong_validator,
    strongly_equal,
    weakly_equal,
)
from tests.wire.caching.messages import NOW, at, fields

TAGS = st.tuples(
    st.sampled_from(["", "W/"]), st.text(st.characters(min_codepoint=0x23, max_codepoint=0x7E))
).map(lambda tag: f'{tag[0]}"{tag[1]}"'.encode())


class EntityTagTests(SynchronousTestCase):
    def test_comparison(self) -> None:
        """
        RFC 9110 section 8.8.3.2: the standard's own table of both comparisons.
        """
        for one, other, strong, weak in [
            (b'W/"1"', b'W/"1"', False, True),
            (b'W/"1"', b'W/"2"', False, False),
            (b'W/"1"', b'"1"', False, True),
            (b'"1"', b'"1"', True, True),
        ]:
            self.assertEqual(
                (strongly_equal(one, other), weakly_equal(one, other)), (strong, weak), (one, other)
            )

    def test_strong_tags(self) -> None:
        """
        RFC 9110 section 8.8.3: what is no entity tag is not strong either.
        """
        for strong in [b'"a"', b'""', b'"a,b"', b'"\xfc"']:
            self.assertTrue(is_strong(strong), strong)
        for etag in [
            None,
            b"",
            b"a",
            b'W/"a"',
            b'w/"a"',
            b'"a',
            b'"a"b"',
            b'"a b"',
            b'"a"\n',
            b'W\\"a"',
            b'"a", "b"',
        ]:
            self.assertFalse(is_strong(etag), etag)

    def test_lists(self) -> None:
        """
        RFC 9110 section 13.1.2: tags may have commas in them, and lists empty members.
        """
        for value, expected in [
            (b"", []),
            (b" , ", []),
            (b'"a"', [b'"a"']),
            (b'"a", W/"b" ,"c"', [b'"a"', b'W/"b"', b'"c"']),
            (b',"a,b",, "c" ,', [b'"a,b"', b'"c"']),
            (b'"\xfc"', [b'"\xfc"']),
        ]:
            self.assertEqual(parse_etags(value), expected, value)

    def test_malformed_lists(self) -> None:
        """
        Of a malformed list nothing is read.
        """
        for value in [
            b"a",
            b'"a',
            b'"a" "b"',
            b'"a", b',
            b'w/"a"',
            b'W"a"',
            b'W\\"a"',
            b"*",
            b'"a", *',
            b'"a b"',
        ]:
            self.assertIsNone(parse_etags(value), value)

    @settings(deadline=None)
    @given(st.lists(TAGS, max_size=5))
    def test_what_is_written_is_read(self, written: list[bytes]) -> None:
        """
        A list is read as it was written.
        """
        self.assertEqual(parse_etags(b", ".join(written)), written)

    @settings(deadline=None)
    @given(st.binary(max_size=30) | st.text('W/"a,* ', max_size=30).map(str.encode))
    def test_any_octets(self, value: bytes) -> None:
        """
        Nothing makes reading fail.
        """
        parse_etags(value), is_strong(value), weakly_equal(value, value)


class ReadValidatorsTests(SynchronousTestCase):
    def test_fields(self) -> None:
        """
        RFC 9110 section 8.8: the validators of a response, as received and as a time.
        """
        known = read_validators(
            fields('ETag: "a"', f"Last-Modified: {at(-100)}", f"Date: {at(-9)}"), NOW + 0.5
        )
        self.assertEqual((known.etag, known.modified), (b'"a"', at(-100).encode()))
        self.assertEqual((known.modified_at, known.dated_at, known.any), (NOW - 100, NOW - 9, True))

    def test_absent_fields(self) -> None:
        """
        Without a date a response is as young as its arrival; an invalid date of
        modification and an empty ETag are none.
        """
        for lines in [[], ["ETag:", "Last-Modified: yesterday", "Date: today"]]:
            known = read_validators(fields(*lines), NOW + 0.5)
            self.assertEqual((known.etag, known.modified, known.modified_at), (None, None, None))
            self.assertEqual((known.dated_at, known.any, known.modified_is_strong), (NOW, False, False))

    def test_strong_dates(self) -> None:
        """
        RFC 9110 section 8.8.2.2: a date of modification is strong where the response is so
        much younger that no clock matters.
        """
        for modified, dated, expected in [
            (-60, 0, True),
            (-59, 0, False),
            (-3600, -3599, False),
            (5, 0, False),
        ]:
            known = read_validators(fields(f"Last-Modified: {at(modified)}", f"Date: {at(dated)}"), NOW)
            self.assertEqual(known.modified_is_strong, expected, (modified, dated))

    def test_same_strong_validator(self) -> None:
        """
        Pitfall 41, RFC 9111 section 3.4: the same octets are known by a strong entity tag,
        or by a strong date where there are no tags.
        """
        old, date = f"Last-Modified: {at(-3600)}", f"Date: {at(0)}"
        for one, other, expected in [
            (['ETag: "a"'], ['ETag: "a"'], True),
            (['ETag: "a"'], ['ETag: "b"'], False),
            (['ETag: W/"a"'], ['ETag: W/"a"'], False),
            (['ETag: W/"a"', old, date], ['ETag: W/"a"', old, date], False),
            (['ETag: "a"', old, date], [old, date], False),
            ([old, date], ['ETag: "a"', old, date], False),
            ([old, date], [old, date], True),
            ([old, date], [old, f"Date: {at(-3590)}"], False),
            ([old, date], [f"Last-Modified: {at(-3601)}", date], False),
            ([], [], False),
        ]:
            found = same_strong_validator(
                read_validators(fields(*one), NOW), read_validators(fields(*other), NOW)
            )
            self.assertEqual(found, expected, (one, other))
