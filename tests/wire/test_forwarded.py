"""
Tests of L{revproxy.wire.forwarded}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.fields import Pair
from revproxy.wire.forwarded import IDENTITY, REPLACED, ForwardedPolicy, Origin
from revproxy.wire.networks import UNIX, Networks

PROXY = "10.0.0.1"
CLIENT = "203.0.113.9"


def policy(
    x_forwarded: bool = True, forwarded: bool = True, via: bytes | None = b"revproxy"
) -> ForwardedPolicy:
    return ForwardedPolicy(Networks(["10.0.0.0/8", "fd00::/8", UNIX]), x_forwarded, forwarded, via)


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

    def test_trusted_peer(self) -> None:
        """
        Pitfall 9: what a trusted peer tells is believed, as L{told_origin} reads it, and
        is looked at anew when it changes.
        """
        made = policy()
        for client in (CLIENT, "198.51.100.7", CLIENT):
            told = [(b"accept", b"*/*"), (b"x-forwarded-for", client.encode())]
            self.assertEqual(made.client(PROXY, told), Origin(client, chain=(client,)))

    def test_unix_peers(self) -> None:
        """
        Whether a peer on a UNIX socket is believed is said by the networks.
        """
        told = [(b"x-forwarded-for", b"203.0.113.9")]
        self.assertEqual(policy().client("", told).address, CLIENT)
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

    def test_apart(self) -> None:
        """
        Pitfall 27: what the upstream is told of the URL that the request's own does not say
        is told apart, and nothing else is.
        """
        for origin, scheme, host, port, expected in [
            (Origin(CLIENT), b"http", b"a", 80, b""),
            (Origin(CLIENT), b"https", b"a", 443, b""),
            (Origin(CLIENT), b"http", b"a:8080", 8080, b""),
            (Origin(CLIENT), b"http", b"a", 0, b""),
            (Origin(CLIENT), b"http", b"a", 8080, b" port:8080"),
            (Origin(CLIENT), b"http", b"[::80]", 8080, b" port:8080"),
            (Origin(CLIENT, b"https", None, 443), b"https", b"a", 8080, b""),
            (Origin(CLIENT, b"https", b"a", 443), b"https", b"a", 8080, b""),
            (Origin(CLIENT, b"https", b"b", 443), b"https", b"a", 8080, b" host:1:b"),
            (Origin(CLIENT, None, b"b:8", 8), b"http", b"a", 80, b" host:3:b:8 port:8"),
        ]:
            self.assertEqual(policy().apart(origin, scheme, host, port, [(b"accept", b"b")]), expected)

    def test_apart_as_far_as_it_is_told(self) -> None:
        """
        What the upstream is not told makes no difference.
        """
        origin = Origin(CLIENT, None, b"b", 8)
        quiet = policy(x_forwarded=False)
        self.assertEqual(quiet.apart(origin, b"http", b"a", 80, []), b" host:1:b")
        self.assertEqual(policy(x_forwarded=False, forwarded=False).apart(origin, b"http", b"a", 80, []), b"")

    def test_apart_by_who_it_is(self) -> None:
        """
        What a believed peer tells of itself and the client is told apart as it is, but for
        addresses.
        """
        fields = [(b"x-forwarded-uri", b"/ x"), (b"x-real-ip", b"1.1.1.1"), (b"x-forwarded-ssl", b"on")]
        self.assertEqual(
            policy().apart(Origin(CLIENT), b"http", b"a", 80, fields),
            b" x-forwarded-uri:3:/ x x-forwarded-ssl:2:on",
        )

    def test_what_is_not_known_is_not_said(self) -> None:
        """
        A peer on a UNIX socket has no address and no port, and HTTP/1.0 may have no host.
        """
        self.assertEqual(
            policy(via=None).fields(Origin(""), "", b"http", b"", 0),
            [(b"x-forwarded-proto", b"http"), (b"forwarded", b"for=unknown;proto=http")],
        )

    def test_memory_is_not_shared(self) -> None:
        """
        What a caller does to the fields is not remembered.
        """
        made = policy()
        made.fields(Origin(CLIENT), CLIENT, b"http", b"a", 80).clear()
        self.assertEqual(len(made.fields(Origin(CLIENT), CLIENT, b"http", b"a", 80)), 6)

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


class TrustsTests(SynchronousTestCase):
    def test_trusted_networks(self) -> None:
        """
        Pitfall 9: a peer is believed exactly if one of the networks holds it.
        """
        self.assertTrue(policy().trusts(PROXY))
        self.assertTrue(policy().trusts(""))
        self.assertFalse(policy().trusts(CLIENT))
        self.assertFalse(ForwardedPolicy(Networks()).trusts(PROXY))


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
