"""
Tests of L{revproxy.wire.authority}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority

LONGEST_NAME = b".".join([b"a" * 63] * 3 + [b"a" * 61])

NO_AUTHORITIES = [
    b"",
    b":80",
    b".",
    b".example.com",
    b"example..com",
    b"example.com..",
    b"-example.com",
    b"a b@c",
    b"user@example.com",
    b"user:password@example.com",
    b"example.com/",
    b"example.com/path",
    b"example.com?",
    b"example.com#",
    b"http://example.com",
    b"example.com\\",
    b"example.com,example.org",
    b"example.com example.org",
    b" example.com",
    b"example.com\t",
    b"example.com\n",
    b"example.com\x00",
    b"ex%61mple.com",
    b"example.com%00",
    b"b\xc3\xbccher.example",
    b"a!b",
    b"a*b",
    b"<a>",
    b"example.com:65536",
    b"example.com:100000",
    b"example.com:-1",
    b"example.com:+1",
    b"example.com:0x50",
    b"example.com:http",
    b"example.com:80:80",
    b"example.com:8 0",
    b"127.1",
    b"2130706433",
    b"0x7f.0.0.1",
    b"0x7f000001",
    b"0177.0.0.1",
    b"127.0.0.256",
    b"127.0.0.1.1",
    b"::1",
    b"[]",
    b"[::1",
    b"::1]",
    b"[::1]a",
    b"[::1]80",
    b"[:::1]",
    b"[::1%25eth0]",
    b"[::1%eth0]",
    b"[127.0.0.1]",
    b"[v1.a]",
    b"[example.com]",
    b"a" * 64,
    LONGEST_NAME + b"a",
]


class SplitAuthorityTests(SynchronousTestCase):
    def test_names_and_addresses(self) -> None:
        """
        Pitfall 18, RFC 9110 section 7.2: names and addresses are given in one
        spelling, apart from their port.
        """
        for value, expected in [
            (b"example.com", (b"example.com", None)),
            (b"EXAMPLE.com:8080", (b"example.com", 8080)),
            (b"example.com.", (b"example.com", None)),
            (b"example.com.:80", (b"example.com", 80)),
            (b"example.com:", (b"example.com", None)),
            (b"example.com:0", (b"example.com", 0)),
            (b"example.com:00080", (b"example.com", 80)),
            (b"example.com:65535", (b"example.com", 65535)),
            (b"localhost", (b"localhost", None)),
            (b"my_app", (b"my_app", None)),
            (b"xn--bcher-kva.example", (b"xn--bcher-kva.example", None)),
            (b"1.example", (b"1.example", None)),
            (b"127.0.0.1:80", (b"127.0.0.1", 80)),
            (b"[::1]", (b"[::1]", None)),
            (b"[2001:DB8:0:0::1]:443", (b"[2001:db8::1]", 443)),
            (LONGEST_NAME, (LONGEST_NAME, None)),
        ]:
            self.assertEqual(split_authority(value), expected, value)

    def test_mapped_ipv4_address(self) -> None:
        """
        RFC 3986 section 3.2.2: both spellings of an IPv4 address within an IPv6
        address are the same host.
        """
        self.assertEqual(split_authority(b"[::ffff:192.0.2.1]"), split_authority(b"[::FFFF:c000:201]"))

    def test_what_is_no_authority(self) -> None:
        """
        Pitfall 18: what is no host, or could be read as another host by the next
        server, is refused.
        """
        for value in NO_AUTHORITIES:
            self.assertRaises(BadRequest, split_authority, value)

    @settings(deadline=None)
    @given(st.binary(max_size=30) | st.text("aA0.:[]-_@/%", max_size=12).map(str.encode))
    def test_one_spelling(self, value: bytes) -> None:
        """
        Pitfall 18: what is let through, written anew from its parts, gives the same
        parts again.
        """
        try:
            host, port = split_authority(value)
        except BadRequest:
            return
        written = host if port is None else b"%b:%d" % (host, port)
        self.assertEqual(split_authority(written), (host, port))
        self.assertEqual(host, host.lower())
