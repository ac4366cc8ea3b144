"""
Tests of L{revproxy.wire.caching.directive_list}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.directive_list import MALFORMED, Directive, field_names, parse_directives

NAMES = st.text("abc-xyz0", min_size=1, max_size=6).map(str.encode)
ARGUMENTS = st.none() | st.binary(max_size=8).filter(lambda text: b"\0" not in text)


def quoted(argument: bytes) -> bytes:
    return b'"%b"' % argument.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


class ParseDirectivesTests(SynchronousTestCase):
    def test_grammar(self) -> None:
        """
        RFC 9111 section 5.2, RFC 9110 section 5.6: names in any case, both forms of
        arguments, empty members.
        """
        rows: list[tuple[bytes, list[Directive]]] = [
            (b"", []),
            (b" , ,\t", []),
            (b"no-store", [(b"no-store", None)]),
            (b"No-StOrE", [(b"no-store", None)]),
            (b"max-age=5", [(b"max-age", b"5")]),
            (b'max-age="5"', [(b"max-age", b"5")]),
            (b"max-age='5'", [(b"max-age", b"'5'")]),
            (b",a ,\tb\t,,c,", [(b"a", None), (b"b", None), (b"c", None)]),
            (b'a="x, max-age=1", b', [(b"a", b"x, max-age=1"), (b"b", None)]),
            (b'a="\\"\\\\\\c", b', [(b"a", b'"\\c'), (b"b", None)]),
            (b'a=""', [(b"a", b"")]),
            (b"a=1, a=2", [(b"a", b"1"), (b"a", b"2")]),
            (b"X=Y", [(b"x", b"Y")]),
        ]
        for value, expected in rows:
            self.assertEqual(parse_directives(value), expected, value)

    def test_broken_members(self) -> None:
        """
        Of a member that breaks the grammar the name is read, and what follows is not
        touched.
        """
        for value, expected in [
            (b"max-age =5, a", [(b"max-age", MALFORMED), (b"a", None)]),
            (b"max-age= 5, a", [(b"max-age", MALFORMED), (b"a", None)]),
            (b"max-age=, a", [(b"max-age", MALFORMED), (b"a", None)]),
            (b"max-age=5;x, a", [(b"max-age", MALFORMED), (b"a", None)]),
            (b"no-store private, a", [(b"no-store", MALFORMED), (b"a", None)]),
            (b"no-store\x00, a", [(b"no-store", MALFORMED), (b"a", None)]),
            (b"=5, a", [(b"a", None)]),
            (b"\xff, a", [(b"a", None)]),
        ]:
            self.assertEqual(parse_directives(value), expected, value)

    def test_broken_quotation(self) -> None:
        """
        After a quotation mark out of place no argument is believed, and none is missing
        either, but all names are read.
        """
        for value, names in [
            (b'a="x, max-age=100, public', [b"a", b"max-age", b"public"]),
            (b'a="x"y, max-age=100', [b"a", b"max-age"]),
            (b'a ="x, no-store", b', [b"a", b"no-store", b"b"]),
            (b'a="x\\", no-store', [b"a", b"no-store"]),
            (b'a="x\x00", no-store', [b"a", b"no-store"]),
            (b'"no-store", a', [b"a"]),
        ]:
            directives = parse_directives(value)
            self.assertEqual([name for name, _ in directives], names, value)
            self.assertEqual({argument for _, argument in directives}, {MALFORMED}, value)

    def test_before_a_broken_quotation(self) -> None:
        """
        What stands before it is believed.
        """
        self.assertEqual(parse_directives(b'max-age=5, a="x'), [(b"max-age", b"5"), (b"a", MALFORMED)])

    def test_long_values(self) -> None:
        """
        The time that it takes to read a value grows no faster than its length.
        """
        for value in [
            b'"' * 100_000,
            b"a=" + b'"\\' * 50_000,
            b"a " * 50_000,
            b", " * 50_000,
            b"a=b " * 50_000,
        ]:
            parse_directives(value)

    @settings(deadline=None)
    @given(st.lists(st.tuples(NAMES, ARGUMENTS), max_size=5))
    def test_what_is_written_is_read(self, written: list[Directive]) -> None:
        """
        Whatever stands in quotes, it is read as it was meant; no control but a tab is
        allowed there.
        """
        written = [(name, argument) for name, argument in written if not has_controls(argument)]
        value = b", ".join(
            name if argument is None else name + b"=" + quoted(argument) for name, argument in written
        )
        self.assertEqual(parse_directives(value), written)

    @settings(deadline=None)
    @given(st.binary(max_size=40) | st.text('ab=", \\', max_size=40).map(str.encode))
    def test_any_octets(self, value: bytes) -> None:
        """
        Nothing makes reading fail, and a name is never empty.
        """
        self.assertNotIn(b"", [name for name, _ in parse_directives(value)])


def has_controls(argument: bytes | None) -> bool:
    return any((octet < 0x20 and octet != 9) or octet == 0x7F for octet in argument or b"")


class FieldNamesTests(SynchronousTestCase):
    def test_names(self) -> None:
        """
        RFC 9111 section 5.2.2.4: a list of field names in any case; where one is none,
        there are none.
        """
        for argument, expected in [
            (b"a", (b"a",)),
            (b"Set-Cookie, X-A ,,b", (b"set-cookie", b"x-a", b"b")),
            (None, ()),
            (b"", ()),
            (b" , ", ()),
            (MALFORMED, ()),
            (b"a b", ()),
            (b"a, b:", ()),
            (b"a, \xe4", ()),
        ]:
            self.assertEqual(field_names(argument), expected, argument)
