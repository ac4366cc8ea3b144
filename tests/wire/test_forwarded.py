"""
Tests of L{revproxy.wire.forwarded}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.fields import Pair
from revproxy.wire.forwarded import IDENTITY, MOST_HOPS, REPLACED, ForwardedPolicy, Origin
from revproxy.wire.networks import UNIX, Networks

PROXY = "10.0.0.1"
CLIENT = "203.0.113.9"


def policy(
    x_forwarded: bool = True, forwarded: bool = True, via: bytes | None = b"revproxy"
) -> ForwardedPolicy:
    return ForwardedPolicy(Networks(["10.0.0.0/8", "fd00::/8", UNIX]), x_forwarded, forwarded, via)


def chain(value: bytes, peer: str = PROXY) -> tuple[str, ...]:
    """
    The believed hops of a value of X-Forwarded-For.
    """
    return policy().client(peer, [(b"x-forwarded-for", value)]).chain


class ClientTests(SynchronousTestCase):
    def test_untrusted_peer(self) -> None:
        """
        Pitfall 9: whoever is not trusted is the client, whatever it says.
        """
        told = [
            (b"x-forwarded-for", b"127.0.0.1"),
            (b"x-forwarded-proto", b"https"),
            (b"x-forwarded-host", b"bank.example"),
            (b"forwarded", b"for=127.0.0.1;proto=https"),
        ]
        self.assertEqual(policy().client(CLIENT, told), Origin(CLIENT))

    def test_trusted_peer_without_a_word(self) -> None:
        """
        A trusted peer that tells nothing is the client itself.
        """
        self.assertEqual(policy().client(PROXY, [(b"accept", b"*/*")]), Origin(PROXY))

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
        self.assertEqual(policy().client(PROXY, [(b"x-forwarded-for", b"unknown")]).address, PROXY)

    def test_several_lines_are_one_list(self) -> None:
        """
        RFC 9110 section 5.3: the last of several lines is the nearest.
        """
        told = [(b"x-forwarded-for", b"127.0.0.1"), (b"x-forwarded-for", b"203.0.113.9")]
        self.assertEqual(policy().client(PROXY, told).address, CLIENT)

    def test_many_hops(self) -> None:
        """
        The work that a client can cause is bounded: far hops are left out.
        """
        self.assertEqual(len(chain(b", ".join([b"10.0.0.2"] * 1000))), MOST_HOPS)
        forwarded = [(b"forwarded", b", ".join([b"for=10.0.0.2"] * 1000))]
        self.assertEqual(len(policy().client(PROXY, forwarded).chain), MOST_HOPS)

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
            told = [(b"x-forwarded-proto", proto), (b"x-forwarded-host", host), (b"x-forwarded-port", port)]
            origin = policy().client(PROXY, told)
            self.assertEqual((origin.scheme, origin.host, origin.port), expected)

    def test_malformed_words_count_as_not_said(self) -> None:
        """
        Pitfalls 9 and 18: even a trusted peer's word is checked before it is used.
        """
        told = [
            (b"x-forwarded-proto", b"gopher"),
            (b"x-forwarded-host", b"a b@c"),
            (b"x-forwarded-port", b"65536"),
        ]
        self.assertEqual(policy().client(PROXY, told), Origin(PROXY))
        for port in (b"0", b"-1", b"http", b"123456"):
            self.assertIsNone(policy().client(PROXY, [(b"x-forwarded-port", port)]).port)

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
            self.assertEqual(policy().client(PROXY, [(b"forwarded", value)]), expected, value)

    def test_both_kinds(self) -> None:
        """
        Pitfall 9: beside X-Forwarded-For, a Forwarded may be the client's own, so it is
        not looked at.
        """
        told = [
            (b"forwarded", b"for=127.0.0.1;host=evil;proto=https"),
            (b"x-forwarded-for", b"203.0.113.9"),
            (b"x-forwarded-proto", b"http"),
        ]
        self.assertEqual(policy().client(PROXY, told), Origin(CLIENT, b"http", None, 80, (CLIENT,)))

    def test_unix_peers(self) -> None:
        """
        A peer on a UNIX socket has no address; whether it is believed is said by the
        networks.
        """
        told = [(b"x-forwarded-for", b"203.0.113.9")]
        self.assertEqual(policy().client("", told), Origin(CLIENT, chain=(CLIENT,)))
        self.assertEqual(ForwardedPolicy(Networks()).client("", told), Origin(""))


class FieldsTests(SynchronousTestCase):
    def test_untrusted_peer(self) -> None:
        """
        Pitfall 9: of an untrusted peer's request the upstream is told what this proxy
        saw, and nothing else.
        """
        self.assertEqual(
            policy().fields(Origin(CLIENT), CLIENT, b"https", b"example.com", 8443),
            [
                (b"x-forwarded-for", b"203.0.113.9"),
                (b"x-forwarded-proto", b"https"),
                (b"x-forwarded-host", b"example.com"),
                (b"x-forwarded-port", b"8443"),
                (b"forwarded", b"for=203.0.113.9;host=example.com;proto=https"),
                (b"via", b"1.1 revproxy"),
            ],
        )

    def test_trusted_chain(self) -> None:
        """
        Believed hops are followed by the peer; scheme, host and port are the client's.
        """
        origin = Origin(CLIENT, b"https", b"example.com", 443, (CLIENT, "fd00::1"))
        self.assertEqual(
            policy().fields(origin, PROXY, b"http", b"inner:8080", 8080, b"1.0"),
            [
                (b"x-forwarded-for", b"203.0.113.9, fd00::1, 10.0.0.1"),
                (b"x-forwarded-proto", b"https"),
                (b"x-forwarded-host", b"example.com"),
                (b"x-forwarded-port", b"443"),
                (
                    b"forwarded",
                    b'for=203.0.113.9;host=example.com;proto=https, for="[fd00::1]", '
                    b'for=10.0.0.1;host="inner:8080";proto=http',
                ),
                (b"via", b"1.0 revproxy"),
            ],
        )

    def test_what_comes_out_goes_in_again(self) -> None:
        """
        The next proxy, which trusts this one, finds the same client by either kind.
        """
        origin = Origin(CLIENT, b"https", b"example.com", 443, (CLIENT,))
        sent = policy().fields(origin, "10.0.0.2", b"http", b"inner", 80)
        for kind in (b"x-forwarded", b"forwarded"):
            received: list[Pair] = [pair for pair in sent if pair[0].startswith(kind)]
            self.assertEqual(policy().client(PROXY, received), origin._replace(chain=(CLIENT, "10.0.0.2")))

    def test_what_is_not_known_is_not_said(self) -> None:
        """
        A peer on a UNIX socket has no address and no port, and HTTP/1.0 may have no host.
        """
        self.assertEqual(
            policy(via=None).fields(Origin(""), "", b"http", b"", 0),
            [(b"x-forwarded-proto", b"http"), (b"forwarded", b"for=unknown;proto=http")],
        )

    def test_each_can_be_left_out(self) -> None:
        """
        X-Forwarded-, Forwarded and Via are sent each as the configuration says.
        """
        for made, expected in [
            (
                policy(True, False, None),
                {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port"},
            ),
            (policy(False, True, None), {b"forwarded"}),
            (policy(False, False, b"me"), {b"via"}),
            (policy(False, False, None), set()),
        ]:
            names = {name for name, _ in made.fields(Origin(CLIENT), CLIENT, b"http", b"a", 80)}
            self.assertEqual(names, expected)


class RemovedTests(SynchronousTestCase):
    def test_untrusted_peer(self) -> None:
        """
        Pitfall 9: from an untrusted peer no field goes on that upstreams take for a
        proxy's word.
        """
        self.assertEqual(policy().removed(CLIENT), IDENTITY)
        for name in (
            b"x-forwarded-for",
            b"forwarded",
            b"x-real-ip",
            b"x-forwarded-prefix",
            b"x-forwarded-ssl",
        ):
            self.assertIn(name, IDENTITY)

    def test_trusted_peer(self) -> None:
        """
        From a trusted peer the same go on, apart from those that are written anew.
        """
        self.assertEqual(policy().removed(PROXY), REPLACED)
        written = {name for name, _ in policy(via=None).fields(Origin(PROXY), PROXY, b"http", b"a", 80)}
        self.assertEqual(written, REPLACED)
        self.assertLess(REPLACED, IDENTITY)
