"""
Tests of L{revproxy.wire.origin}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.fields import Pair
from revproxy.wire.networks import Networks
from revproxy.wire.origin import MOST_HOPS, Origin, told_origin

PROXY = "10.0.0.1"
CLIENT = "203.0.113.9"
TRUSTED = Networks(["10.0.0.0/8", "fd00::/8"])


def told(peer: str, pairs: list[Pair]) -> Origin:
    return told_origin(peer, pairs, TRUSTED)


def chain(value: bytes) -> tuple[str, ...]:
    """
    The believed hops of a value of X-Forwarded-For.
    """
    return told(PROXY, [(b"x-forwarded-for", value)]).chain


class ToldOriginTests(SynchronousTestCase):
    def test_right_to_left(self) -> None:
        """
        Pitfall 9: hops are walked from the right; the first that is not trusted is
        the client, and what stands to the left of it is left out.
        """
        for value, expected in [
            (b"203.0.113.9", (CLIENT,)),
            (b"203.0.113.9, 10.0.0.2, 10.0.0.3", (CLIENT, "10.0.0.2", "10.0.0.3")),
            (b"127.0.0.1, 10.0.0.9, 203.0.113.9", (CLIENT,)),
            (b"127.0.0.1, 203.0.113.9,10.0.0.2", (CLIENT, "10.0.0.2")),
            (b"10.0.0.7, 10.0.0.2", ("10.0.0.7", "10.0.0.2")),
            (b"203.0.113.9:4711", (CLIENT,)),
            (b"2001:DB8::1", ("2001:db8::1",)),
            (b"[2001:db8::1]:4711, fd00::1", ("2001:db8::1", "fd00::1")),
            (b"::ffff:203.0.113.9", (CLIENT,)),
        ]:
            self.assertEqual(chain(value), expected, value)

    def test_walk_ends_where_no_address_is(self) -> None:
        """
        Pitfall 9: behind a hop without an address nothing is believed.
        """
        for value, expected in [
            (b"203.0.113.9, unknown, 10.0.0.2", ("10.0.0.2",)),
            (b"203.0.113.9,, 10.0.0.2", ("10.0.0.2",)),
            (b"203.0.113.9, example.com", ()),
            (b"203.0.113.9, <script>", ()),
            (b"203.0.113.9, 1.2.3.4\xff", ()),
            (b"", ()),
        ]:
            self.assertEqual(chain(value), expected, value)
        self.assertEqual(told(PROXY, [(b"x-forwarded-for", b"unknown")]).address, PROXY)

    def test_several_lines_are_one_list(self) -> None:
        """
        RFC 9110 section 5.3: the last of several lines is the nearest.
        """
        received = [(b"x-forwarded-for", b"127.0.0.1"), (b"x-forwarded-for", b"203.0.113.9")]
        self.assertEqual(told(PROXY, received).address, CLIENT)

    def test_many_hops(self) -> None:
        """
        The work that a client can cause is bounded: far hops are left out.
        """
        self.assertEqual(len(chain(b", ".join([b"10.0.0.2"] * 1000))), MOST_HOPS)
        forwarded = [(b"forwarded", b", ".join([b"for=10.0.0.2"] * 1000))]
        self.assertEqual(len(told(PROXY, forwarded).chain), MOST_HOPS)

    def test_scheme_host_and_port(self) -> None:
        """
        What a trusted peer tells of the client's own request is taken in one spelling;
        without a port the scheme's usual one is meant.
        """
        for proto, host, port, expected in [
            (b"https", b"Example.com", b"8443", (b"https", b"example.com", 8443)),
            (b"HTTPS", b"example.com", b"", (b"https", b"example.com", 443)),
            (b"http", b"example.com:8080", b"", (b"http", b"example.com:8080", 8080)),
            (b"wss", b"", b"", (b"https", None, 443)),
            (b"", b"", b"", (None, None, None)),
            (b"https, http", b"a, b", b"1, 2", (b"http", b"b", 2)),
        ]:
            received = [
                (b"x-forwarded-proto", proto),
                (b"x-forwarded-host", host),
                (b"x-forwarded-port", port),
            ]
            origin = told(PROXY, received)
            self.assertEqual((origin.scheme, origin.host, origin.port), expected)

    def test_malformed_words_count_as_not_said(self) -> None:
        """
        Pitfalls 9 and 18: even a trusted peer's word is checked before it is used.
        """
        received = [
            (b"x-forwarded-proto", b"gopher"),
            (b"x-forwarded-host", b"a b@c"),
            (b"x-forwarded-port", b"65536"),
        ]
        self.assertEqual(told(PROXY, received), Origin(PROXY))
        for port in (b"0", b"-1", b"http", b"123456"):
            self.assertIsNone(told(PROXY, [(b"x-forwarded-port", port)]).port)

    def test_forwarded(self) -> None:
        """
        Pitfall 9, RFC 7239: Forwarded is walked likewise; host and scheme are those of
        the farthest hop that is believed.
        """
        for value, expected in [
            (b"for=203.0.113.9;proto=https;host=a", Origin(CLIENT, b"https", b"a", 443, (CLIENT,))),
            (
                b"for=127.0.0.1;host=evil, for=203.0.113.9;proto=https, for=10.0.0.2;proto=http;host=b",
                Origin(CLIENT, b"https", None, 443, (CLIENT, "10.0.0.2")),
            ),
            (b'for="[2001:db8::1]:80"', Origin("2001:db8::1", chain=("2001:db8::1",))),
            (b"for=1.1.1.1, for=_hidden;proto=https", Origin(PROXY, b"https", None, 443)),
            (b"for=203.0.113.9;for=1.1.1.1", Origin(PROXY)),
            (b"for=203.0.113.9, for=10.0.0.2 x", Origin(PROXY)),
            (b"", Origin(PROXY)),
        ]:
            self.assertEqual(told(PROXY, [(b"forwarded", value)]), expected, value)

    def test_both_kinds(self) -> None:
        """
        Pitfall 9: beside X-Forwarded-For, a Forwarded may be the client's own, so it is
        not looked at.
        """
        received = [
            (b"forwarded", b"for=127.0.0.1;host=evil;proto=https"),
            (b"x-forwarded-for", b"203.0.113.9"),
            (b"x-forwarded-proto", b"http"),
        ]
        self.assertEqual(told(PROXY, received), Origin(CLIENT, b"http", None, 80, (CLIENT,)))

    def test_unix_peers(self) -> None:
        """
        A peer on a UNIX socket has no address, but its clients have.
        """
        received = [(b"x-forwarded-for", b"203.0.113.9")]
        self.assertEqual(told("", received), Origin(CLIENT, chain=(CLIENT,)))
        self.assertEqual(told("", []), Origin(""))
