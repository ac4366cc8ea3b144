"""
Tests of L{revproxy.wire.forwarded_field}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.forwarded_field import Element, node_address, parse_forwarded, write_forwarded, write_node

contents = st.none() | st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12).map(
    str.encode
)
elements = st.builds(Element, contents, contents, contents, contents).filter(lambda told: told != Element())


class ParseForwardedTests(SynchronousTestCase):
    def test_examples_of_the_standard(self) -> None:
        """
        RFC 7239 section 4: the standard's own examples are read.
        """
        for value, expected in [
            (b'for="_gazonk"', [Element(b"_gazonk")]),
            (b'For="[2001:db8:cafe::17]:4711"', [Element(b"[2001:db8:cafe::17]:4711")]),
            (
                b"for=192.0.2.60;proto=http;by=203.0.113.43",
                [Element(b"192.0.2.60", b"203.0.113.43", None, b"http")],
            ),
            (b"for=192.0.2.43, for=198.51.100.17", [Element(b"192.0.2.43"), Element(b"198.51.100.17")]),
            (b"for=_hidden, for=_SEVKISEK", [Element(b"_hidden"), Element(b"_SEVKISEK")]),
            (
                b'for=192.0.2.43,for="[2001:db8:cafe::17]",for=unknown',
                [Element(b"192.0.2.43"), Element(b"[2001:db8:cafe::17]"), Element(b"unknown")],
            ),
        ]:
            self.assertEqual(parse_forwarded(value), expected, value)

    def test_grammar(self) -> None:
        """
        RFC 7239 section 4: names in any case, quoted strings, empty pairs and empty
        list members are read; parameters of others' are left out.
        """
        for value, expected in [
            (b"", []),
            (b" , ,", []),
            (b"FOR=a;HOST=b", [Element(b"a", host=b"b")]),
            (b'host="example.com:8080"', [Element(host=b"example.com:8080")]),
            (b'host="a\\"b\\\\c"', [Element(host=b'a"b\\c')]),
            (b'host=""', [Element(host=b"")]),
            (b'for="a, for=b;by=c"', [Element(b"a, for=b;by=c")]),
            (b"for=a;;by=b;", [Element(b"a", b"b")]),
            (b";for=a", [Element(b"a")]),
            (b"for=a;,for=b", [Element(b"a"), Element(b"b")]),
            (b"for=a , ,\tfor=b", [Element(b"a"), Element(b"b")]),
            (b"for=a ", [Element(b"a")]),
            (b"for=a;secret=x;proto=https", [Element(b"a", proto=b"https")]),
        ]:
            self.assertEqual(parse_forwarded(value), expected, value)

    def test_malformed_values(self) -> None:
        """
        Pitfall 9: of a malformed value nothing is believed, not even the part before
        the mistake.
        """
        for value in [
            b"for",
            b"for=",
            b"=a",
            b"for=a b",
            b"for=a for=b",
            b"for = a",
            b"for=a ;by=b",
            b"for=a; by=b",
            b"for=a;for=b",
            b"for=a;FOR=b",
            b"for=[::1]",
            b"for=::1",
            b"for=1.2.3.4:80",
            b'for="a',
            b'for="a\\"',
            b'for="a"b',
            b'for=a"b"',
            b'for="a\x00"',
            b"for=a\x80",
            b"for=1.2.3.4, for=",
        ]:
            self.assertIsNone(parse_forwarded(value), value)

    @settings(deadline=None)
    @given(st.lists(elements, max_size=5))
    def test_what_is_written_is_read(self, written: list[Element]) -> None:
        """
        Reading gives back what was written, whatever has to be quoted.
        """
        self.assertEqual(parse_forwarded(write_forwarded(written)), written)

    @settings(deadline=None)
    @given(st.text('for=by;,"\\ \t[]:.1a', max_size=30).map(str.encode))
    def test_any_value(self, value: bytes) -> None:
        """
        What is read from any value can be written, and is the same when read again.
        """
        told = parse_forwarded(value)
        if told is not None:
            told = [element for element in told if element != Element()]
            self.assertEqual(parse_forwarded(write_forwarded(told)), told)


class NodeTests(SynchronousTestCase):
    def test_addresses(self) -> None:
        """
        RFC 7239 section 6: the address of a node is read, its port is not.
        """
        for node, expected in [
            (b"192.0.2.43", "192.0.2.43"),
            (b"192.0.2.43:47011", "192.0.2.43"),
            (b"192.0.2.43:_port", "192.0.2.43"),
            (b"[2001:DB8::17]", "2001:db8::17"),
            (b"[2001:db8::17]:4711", "2001:db8::17"),
            (b"[::ffff:192.0.2.1]", "192.0.2.1"),
        ]:
            self.assertEqual(node_address(node), expected, node)

    def test_nodes_without_an_address(self) -> None:
        """
        RFC 7239 sections 6.2 and 6.3: unknown and obfuscated nodes, and what is no
        node, have no address.
        """
        for node in [
            None,
            b"",
            b"unknown",
            b"Unknown:80",
            b"_hidden",
            b"_1.2.3.4",
            b"2001:db8::17",
            b"[2001:db8::17",
            b"[192.0.2.1]",
            b"[fe80::1%eth0]",
            b"192.0.2",
            b"192.0.2.256",
            b"192.0.2.43:",
            b"192.0.2.43:123456",
            b"192.0.2.43 ",
            b"example.com",
        ]:
            self.assertIsNone(node_address(node), node)

    def test_written_nodes(self) -> None:
        """
        RFC 7239 section 6: an IPv6 address is written in brackets, and quoted with
        them; a peer without an address is unknown.
        """
        self.assertEqual(write_node("192.0.2.1"), b"192.0.2.1")
        self.assertEqual(write_node("2001:DB8::1"), b"[2001:db8::1]")
        self.assertEqual(write_node(""), b"unknown")
        self.assertEqual(write_forwarded([Element(write_node("::1"))]), b'for="[::1]"')
