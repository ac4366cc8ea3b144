"""
Tests of upgrades over HTTP/1: when connections become a tunnel, and when not.
"""

from __future__ import annotations

from revproxy.flow.pool.terms import UpstreamTimeouts
from tests.edge.proxied import GET, ProxiedTestCase, undated

KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
ACCEPT = b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
ASK = b"GET /chat HTTP/1.1\r\nHost: a\r\n" + UPGRADE + KEY + b"\r\n"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\n"
YES = SWITCHING + UPGRADE + ACCEPT + b"\r\n"
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\n"


class SwitchedTests(ProxiedTestCase):
    """
    Tunnels.
    """

    def tunnel(self, early: bytes = b"", **settings: object) -> None:
        self.start(**settings)
        self.ask(ASK, YES + early)

    def test_both_ways(self) -> None:
        """
        Pitfall 34: after a valid 101 all octets go through as they are.
        """
        self.tunnel()
        self.client.send(b"\x81\x00" + GET)
        self.proxied.origin.send(b"\x89\x00")
        self.assertTrue(self.proxied.origin.received.endswith(b"\r\n\r\n\x81\x00" + GET))
        head, _, rest = self.client.received.partition(b"\r\n\r\n")
        self.assertEqual(rest, b"\x89\x00")
        self.assertEqual(
            sorted(head.split(b"\r\n")),
            [
                b"HTTP/1.1 101 Switching Protocols",
                b"connection: upgrade",
                b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                b"upgrade: websocket",
            ],
        )
        self.assertEqual(self.proxied.servers[0].active, 1)
        self.client.leave()
        self.assert_nothing_left()
        self.assertEqual(self.proxied.statuses, [101])

    def test_early_octets_of_the_server(self) -> None:
        """
        What the server sends right behind its 101 is the first of the tunnel.
        """
        self.tunnel(b"\x89\x00")
        self.assertTrue(self.client.received.endswith(b"\r\n\r\n\x89\x00"))

    def test_early_octets_of_the_client(self) -> None:
        """
        Pitfall 34: what a client sends before the 101 waits for it.
        """
        self.start()
        self.client.send(ASK + b"\x81\x00")
        self.assertNotIn(b"\x81", self.proxied.origin.received)
        self.proxied.origin.send(YES)
        self.assertTrue(self.proxied.origin.received.endswith(b"\r\n\r\n\x81\x00"))

    def test_half_closed_by_the_client(self) -> None:
        """
        Pitfall 33: a client that sends no more still gets the rest.
        """
        self.tunnel()
        self.client.finish()
        self.assertEqual((self.proxied.origin.finished, self.proxied.origin.gone), (True, False))
        self.proxied.origin.send(b"bye")
        self.assertTrue(self.client.received.endswith(b"bye"))
        self.proxied.origin.finish()
        self.assertTrue(self.proxied.origin.gone)
        self.assert_nothing_left()

    def test_half_closed_by_the_server(self) -> None:
        """
        Pitfall 33: and the other way round.
        """
        self.tunnel()
        self.proxied.origin.finish()
        self.assertEqual((self.client.finished, self.client.gone), (True, False))
        self.client.send(b"bye")
        self.assertTrue(self.proxied.origin.received.endswith(b"bye"))
        self.client.finish()
        self.assert_nothing_left()

    def test_pressure(self) -> None:
        """
        Pitfall 26: in a tunnel either end waits for the other.
        """
        self.tunnel()
        for reader, writer in (self.client, self.proxied.origin), (self.proxied.origin, self.client):
            reader.stall()
            for _ in range(10):
                writer.send(b"a" * 50000)
            self.assertTrue(writer.paused)
            self.assertLess(reader.largest, 200000)
            reader.take()
            self.assertFalse(writer.paused)
            self.assertTrue(reader.received.endswith(b"a" * 500000))

    def test_idle(self) -> None:
        """
        A tunnel through which nothing goes is closed after a while, and has no other
        deadline.
        """
        self.tunnel(
            timeouts=UpstreamTimeouts(first_byte=1.0, response=2.0, tunnel_idle=3600.0), idle_timeout=1.0
        )
        self.proxied.advance(3599)
        self.proxied.origin.send(b"a")
        self.proxied.advance(3599)
        self.assertFalse(self.client.gone)
        self.proxied.advance(1)
        self.assertTrue(self.proxied.origin.gone)
        self.assert_nothing_left()

    def test_server_is_lost(self) -> None:
        """
        A server that is lost takes the client with it.
        """
        self.tunnel()
        self.proxied.origin.leave()
        self.assertFalse(self.client.open)
        self.client.finish()
        self.assert_nothing_left()

    def test_offered(self) -> None:
        """
        Other protocols may become tunnels, too, where the upstream's settings say so.
        """
        self.start(upgrades=(b"echo",))
        self.ask(
            b"POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c, Echo\r\n\r\n",
            SWITCHING + b"Connection: upgrade\r\nUpgrade: echo\r\n\r\n",
        )
        self.assertIn(b"connection: upgrade\r\nupgrade: echo\r\n", self.proxied.origin.received)
        self.assertEqual(self.client.received, SWITCHING + b"connection: upgrade\r\nupgrade: echo\r\n\r\n")


class NotSwitchedTests(ProxiedTestCase):
    """
    Pitfall 34: answers that are no leave to switch.
    """

    def test_invalid(self) -> None:
        """
        Pitfall 34: a 101 that does not answer the request ends the server's connection, and
        nothing goes through.
        """
        for name, answer in (
            ("no fields", SWITCHING + b"\r\n"),
            ("no Accept", SWITCHING + UPGRADE + b"\r\n"),
            ("a wrong Accept", SWITCHING + UPGRADE + ACCEPT.replace(b"s3", b"S3") + b"\r\n"),
            ("Accept twice", SWITCHING + UPGRADE + ACCEPT + ACCEPT + b"\r\n"),
            ("another protocol", SWITCHING + b"Connection: upgrade\r\nUpgrade: h2c\r\n" + ACCEPT + b"\r\n"),
            ("two protocols", YES.replace(b"websocket", b"websocket, h2c")),
            ("no Connection", SWITCHING + b"Upgrade: websocket\r\n" + ACCEPT + b"\r\n"),
        ):
            self.start()
            self.ask(ASK, answer + b"\x89\x00")
            self.assertTrue(self.client.received.startswith(BAD_GATEWAY), name)
            self.assertNotIn(b"\x89", self.client.received, name)
            self.assertTrue(self.proxied.origin.reset, name)
            self.client.leave()
            self.assert_nothing_left()

    def test_ordinary_answer(self) -> None:
        """
        Pitfall 34: a server that does not switch answers as ever, and what the client sent
        behind its request is the next one, not passed on as it is.
        """
        self.start()
        self.client.send(ASK + GET.replace(b"/", b"/%2e/admin", 1))
        self.proxied.origin.send(b"HTTP/1.1 426 No\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual(undated(self.client.received), b"HTTP/1.1 426 No\r\ncontent-length: 0\r\n\r\n")
        self.assertTrue(self.proxied.origin.received.endswith(b"GET /admin HTTP/1.1\r\nhost: a\r\n\r\n"))

    def test_not_asked_for(self) -> None:
        """
        Pitfall 35: a request whose upgrade was left out cannot be switched.
        """
        self.start()
        self.ask(
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n",
            SWITCHING + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        )
        self.assertEqual(self.proxied.origin.received, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        self.assertTrue(self.client.received.startswith(BAD_GATEWAY))

    def test_slow_answer(self) -> None:
        """
        A server that does not answer to the question is not waited for.
        """
        self.start(timeouts=UpstreamTimeouts(first_byte=60.0))
        self.client.send(ASK)
        self.proxied.advance(60)
        self.assertEqual(self.proxied.statuses, [504])
