"""
Tests of L{revproxy.edge.arrivals}: who asks, and what the server is told of it.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.arrivals import Arrivals
from revproxy.errors import Misdirected
from revproxy.exchange import Exchange, Peer
from revproxy.wire.fields import Pair
from revproxy.wire.forwarded import ForwardedPolicy
from revproxy.wire.networks import Networks
from tests.edge.proxied import Proxied
from tests.fakes import RecordingDownstream

TRUSTED = Networks(["10.0.0.0/8"])


class ArrivalsTests(SynchronousTestCase):
    """
    Requests of one connection.
    """

    def connect(self, address: str = "192.0.2.7", secure: bool = False, **settings: Any) -> Arrivals:
        peer = Peer(
            address,
            50000,
            8080,
            "web",
            secure,
            settings.pop("server_name", None),
            settings.pop("subject", None),
        )
        settings.setdefault("forwarded", ForwardedPolicy(TRUSTED))
        return Arrivals(Proxied(secure=secure, **settings).settings, peer)

    def arrive(self, arrivals: Arrivals, fields: bytes = b"", target: bytes = b"/") -> Exchange:
        head = arrivals.heads.parse(b"GET %b HTTP/1.1\r\nHost: A:80\r\n%b\r\n" % (target, fields))
        return arrivals.exchange(head, RecordingDownstream())

    def told(self, exchange: Exchange) -> list[Pair]:
        return list(exchange.outbound.fields)

    def test_request(self) -> None:
        """
        The exchange has the request as it was made, and its target for the server.
        """
        exchange = self.arrive(self.connect(), b"X_A: 1\r\nX-B: 2\r\n", b"/a/../b?c")
        request = exchange.request
        self.assertEqual(
            (request.method, request.scheme, request.authority, request.host, request.path, request.query),
            (b"GET", b"http", b"a:80", b"a", b"/b", b"c"),
        )
        self.assertEqual(list(request.fields), [(b"host", b"A:80"), (b"x_a", b"1"), (b"x-b", b"2")])
        self.assertEqual((exchange.outbound.target, exchange.outbound.authority), (b"/b?c", None))

    def test_apart(self) -> None:
        """
        Pitfall 27: a cache is told what the server is told, and is not in the request's URL:
        of strangers the port alone that they came to.
        """
        told = b"X-Forwarded-Host: b\r\nX-Forwarded-Server: s\r\n"
        stranger, proxy = self.connect(), self.connect("10.0.0.1")
        self.assertEqual(self.arrive(stranger, told).apart, b" port:8080")
        self.assertEqual(self.arrive(proxy, told).apart, b" host:1:b port:8080 x-forwarded-server:1:s")
        self.assertEqual(self.arrive(proxy).apart, b" port:8080")

    def test_apart_by_certificate(self) -> None:
        """
        And who the client is, by its certificate, where the server is told that.
        """
        arrivals = self.connect(secure=True, subject=b"CN=a", subject_field=b"x-client")
        self.assertEqual(self.arrive(arrivals).apart, b" port:8080 subject:4:CN=a")
        arrivals = self.connect(secure=True, subject=b"CN=a")
        self.assertEqual(self.arrive(arrivals).apart, b" port:8080")

    def test_stranger(self) -> None:
        """
        Pitfall 9: what a stranger tells of itself is replaced by what is known.
        """
        told = b"X-Forwarded-For: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\n"
        told += b"X-Forwarded-Proto: https\r\n"
        exchange = self.arrive(self.connect(), told)
        self.assertEqual(exchange.client, "192.0.2.7")
        self.assertEqual(exchange.request.scheme, b"http")
        self.assertEqual(
            self.told(exchange),
            [
                (b"x-forwarded-for", b"192.0.2.7"),
                (b"x-forwarded-proto", b"http"),
                (b"x-forwarded-host", b"a:80"),
                (b"x-forwarded-port", b"8080"),
                (b"forwarded", b'for=192.0.2.7;host="a:80";proto=http'),
                (b"via", b"1.1 revproxy"),
            ],
        )

    def test_nominated(self) -> None:
        """
        Pitfall 8: a client cannot have our own forwarding fields removed.
        """
        nominated = b"Connection: close, X-Forwarded-For, X-Forwarded-Proto, Forwarded, Via\r\n"
        names = [name for name, _ in self.told(self.arrive(self.connect(), nominated))]
        self.assertEqual(
            names,
            [
                b"x-forwarded-for",
                b"x-forwarded-proto",
                b"x-forwarded-host",
                b"x-forwarded-port",
                b"forwarded",
                b"via",
            ],
        )

    def test_trusted(self) -> None:
        """
        Pitfall 9: a trusted proxy is believed, as far as trusted ones go.
        """
        arrivals = self.connect("10.0.0.1")
        exchange = self.arrive(
            arrivals, b"X-Forwarded-For: 6.6.6.6, 1.1.1.1, 10.0.0.2\r\nX-Forwarded-Proto: https\r\n"
        )
        self.assertEqual(exchange.client, "1.1.1.1")
        self.assertEqual(exchange.request.scheme, b"https")
        self.assertEqual(exchange.peer.address, "10.0.0.1")
        self.assertIn((b"x-forwarded-for", b"1.1.1.1, 10.0.0.2, 10.0.0.1"), self.told(exchange))

    def test_next_request(self) -> None:
        """
        Pitfall 9: what was told with one request does not hold for the next, and what filters
        change on one exchange is not seen on the next.
        """
        arrivals = self.connect("10.0.0.1")
        first = self.arrive(arrivals, b"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n")
        second = self.arrive(arrivals)
        self.assertEqual((second.client, second.request.scheme), ("10.0.0.1", b"http"))
        second.outbound.fields.set(b"x", b"1")
        third = self.arrive(arrivals)
        self.assertIsNone(third.outbound.fields.get(b"x"))
        self.assertEqual((first.client, third.client), ("1.1.1.1", "10.0.0.1"))

    def test_other_host(self) -> None:
        """
        The same fields beside another host do not bring the last one's.
        """
        arrivals = self.connect()
        self.arrive(arrivals, target=b"http://one/")
        exchange = self.arrive(arrivals, target=b"http://two/")
        self.assertIn((b"x-forwarded-host", b"two"), self.told(exchange))

    def test_subject(self) -> None:
        """
        The subject of a client's certificate is told under its name, and nothing that a
        client sends under it, whether it showed a certificate or not.
        """
        for subject, expected in ((b"CN=me", [b"CN=me"]), (None, [])):
            arrivals = self.connect(
                secure=True,
                subject=subject,
                subject_field=b"x-subject",
                own_fields=frozenset((b"x-subject",)),
            )
            exchange = self.arrive(arrivals, b"X-Subject: CN=root\r\nX_Subject: CN=root\r\n")
            self.assertEqual(exchange.outbound.fields.get_all(b"x-subject"), expected)
            self.assertEqual(exchange.request.scheme, b"https")

    def test_misdirected(self) -> None:
        """
        Where clients show certificates, the host has to be the one of the handshake.
        """
        asks = self.connect(secure=True, server_name=b"a", asks_for_certificates=True)
        asks.check_directed(b"a")
        for host in b"b", b"192.0.2.1", b"[2001:db8::1]", b"":
            self.assertRaises(Misdirected, asks.check_directed, host)
        self.connect(secure=True, server_name=b"a").check_directed(b"b")

    def test_addresses_are_not_misdirected(self) -> None:
        """
        A client that asks for an address cannot name it in its handshake, so it names nothing.
        """
        asks = self.connect(secure=True, asks_for_certificates=True)
        for host in b"192.0.2.1", b"[2001:db8::1]":
            asks.check_directed(host)
        self.assertRaises(Misdirected, asks.check_directed, b"a")

    def test_malformed(self) -> None:
        """
        What is no request becomes an exchange that tells of its peer, and of the first
        words for the log.
        """
        exchange = self.connect("10.0.0.1").malformed(RecordingDownstream(), b"GET /x HTTP/3.7\r\nHost: a")
        self.assertEqual((exchange.request.method, exchange.request.path), (b"GET", b"/x"))
        self.assertEqual((exchange.client, exchange.request.host), ("10.0.0.1", b""))

    def test_malformed_without_words(self) -> None:
        """
        What has no words is logged as nothing, and of long ones no more than a line.
        """
        arrivals = self.connect("10.0.0.1")
        exchange = arrivals.malformed(RecordingDownstream(), b"\x16\x03\x01")
        self.assertEqual((exchange.request.method, exchange.request.path), (b"-", b"-"))
        exchange = arrivals.malformed(RecordingDownstream(), b"GET /" + b"x" * 10000)
        self.assertLess(len(exchange.request.path), 257)

    def test_malformed_head_request(self) -> None:
        """
        Pitfall 12: where no body was asked for, none may come.
        """
        exchange = self.connect("10.0.0.1").malformed(RecordingDownstream(), b"HEAD /x")
        self.assertEqual(exchange.request.method, b"HEAD")
