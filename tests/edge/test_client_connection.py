"""
Tests of L{revproxy.edge.client_connection}: deadlines, and how connections end.
"""

from __future__ import annotations

from OpenSSL import SSL
from twisted.internet.address import IPv4Address

from revproxy.edge.http1 import Http1Connection
from tests.edge.memory import MemoryConnection
from tests.edge.proxied import GET, OK, Proxied, ProxiedTestCase, post, refused, undated


class HeadDeadlineTests(ProxiedTestCase):
    """
    Pitfall 25: heads that do not come.
    """

    def test_byte_by_byte(self) -> None:
        """
        Pitfall 25: a head has so long to be whole, whether bytes come or not.
        """
        self.start(head_timeout=10.0)
        for position in range(9):
            self.client.send(GET[position : position + 1])
            self.proxied.advance(1)
        self.assertEqual(self.client.received, b"")
        self.proxied.advance(1)
        self.assertEqual(undated(self.client.received), refused(b"408 Request Timeout"))
        self.proxied.advance(2)
        self.assertEqual(self.proxied.statuses, [408])
        self.assert_nothing_left()

    def test_nothing(self) -> None:
        """
        Pitfall 25: a client that says nothing at all is closed without a word, as browsers
        connect in advance.
        """
        self.start(head_timeout=10.0)
        self.proxied.advance(10)
        self.assertEqual(self.client.received, b"")
        self.assert_nothing_left()

    def test_next_head(self) -> None:
        """
        Pitfall 25: the next head has as long, from its first byte on.
        """
        self.start(head_timeout=10.0, idle_timeout=60.0)
        self.ask()
        self.proxied.advance(50)
        self.client.send(GET[:3])
        self.proxied.advance(9)
        self.client.send(GET[3:5])
        self.assertEqual(self.proxied.statuses, [200])
        self.proxied.advance(1)
        self.assertEqual(self.proxied.statuses, [200, 408])

    def test_empty_lines(self) -> None:
        """
        Pitfall 25: empty lines between two requests do not keep a connection.
        """
        self.start(head_timeout=10.0, idle_timeout=60.0)
        self.ask()
        for _ in range(20):
            self.client.drip(b"\r\n")
            self.proxied.advance(1)
        self.assertTrue(self.client.gone)

    def test_in_time(self) -> None:
        """
        A head that came in time has no deadline any more.
        """
        self.start(head_timeout=10.0)
        self.client.send(GET)
        self.proxied.advance(20)
        self.assertEqual(self.proxied.statuses, [])
        self.proxied.origin.send(OK)
        self.assertEqual(undated(self.client.received), OK)


class IdleTests(ProxiedTestCase):
    def test_closes(self) -> None:
        """
        A connection between two requests is closed after a while, without a word.
        """
        self.start(idle_timeout=75.0)
        self.ask()
        self.proxied.advance(74)
        self.ask()
        self.proxied.advance(74)
        self.assertFalse(self.client.gone)
        self.proxied.advance(1)
        self.assertEqual(undated(self.client.received), OK + OK)
        self.assertFalse(self.client.reset)
        self.assert_nothing_left()


class SlowReaderTests(ProxiedTestCase):
    """
    Pitfall 26: clients that do not read.
    """

    CHUNK = b"a" * 50000

    def download(self, octets: int) -> None:
        """
        Let the server send as much as is read from it.
        """
        self.start(slow_reader_timeout=60.0)
        self.client.send(GET)
        self.client.stall()
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % octets)
        for _ in range(octets // len(self.CHUNK)):
            self.proxied.origin.send(self.CHUNK)

    def test_bounded(self) -> None:
        """
        Pitfall 26: the server is not read from while the client takes nothing, so little
        waits for it; and all of it comes when it reads on.
        """
        self.download(1000000)
        self.assertTrue(self.proxied.origin.paused)
        self.assertLess(self.client.largest, 200000)
        self.client.take()
        self.assertFalse(self.proxied.origin.paused)
        self.assertEqual(self.client.received.count(b"a" * 1000), 1000)
        self.assertEqual(self.proxied.statuses, [200])

    def test_deadline(self) -> None:
        """
        Pitfall 26: a client that takes nothing for too long is cut off, and its server let go.
        """
        self.download(1000000)
        self.proxied.advance(59)
        self.assertFalse(self.client.gone)
        self.proxied.advance(1)
        self.assertTrue(self.client.reset)
        self.assertTrue(self.proxied.origin.reset)
        self.assert_nothing_left()

    def test_reads_now_and_then(self) -> None:
        """
        Pitfall 26: a client that takes something in time is not cut off, nor one that has
        taken all and waits for more.
        """
        self.download(1000000)
        self.proxied.advance(59)
        self.client.take()
        self.client.stall()
        self.proxied.advance(59)
        self.assertFalse(self.client.gone)
        self.client.take()
        self.proxied.advance(600)
        self.assertFalse(self.client.reset)

    def test_whole_answer_waits(self) -> None:
        """
        Pitfall 26: a whole answer that nobody takes does not stay for ever, and the next
        request is not looked at before.
        """
        self.start(slow_reader_timeout=60.0, idle_timeout=75.0)
        self.client.send(GET)
        self.client.stall()
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"a" * 100000)
        self.assertEqual(self.proxied.statuses, [200])
        self.assertFalse(self.proxied.origin.gone)
        self.proxied.advance(60)
        self.assertTrue(self.client.reset)
        self.assert_nothing_left()

    def test_next_answer_waits(self) -> None:
        """
        Pitfall 26: the next request is not looked at while the last answer waits.
        """
        self.start()
        self.client.send(GET)
        self.client.stall()
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"a" * 100000)
        self.client.send(GET)
        self.assertEqual(b"".join(self.proxied.forwarded).count(b"GET /"), 1)
        self.client.take()
        self.assertEqual(b"".join(self.proxied.forwarded).count(b"GET /"), 2)
        self.proxied.origin.send(OK)
        self.assertEqual(self.proxied.statuses, [200, 200])
        self.assertTrue(self.client.received.endswith(b"\r\n\r\nok"))


class LingerTests(ProxiedTestCase):
    """
    Closing in such a way that the client can read why.
    """

    def test_client_closes_too(self) -> None:
        """
        A refused client is closed in good order when it has read the answer.
        """
        self.start()
        self.client.send(b"nonsense\r\n\r\n" + b"a" * 100000)
        self.assertEqual((self.client.finished, self.client.gone), (True, False))
        self.client.finish()
        self.assertFalse(self.client.reset)
        self.assert_nothing_left()

    def test_client_does_not(self) -> None:
        """
        It has two seconds for that.
        """
        self.start()
        self.client.send(b"nonsense\r\n\r\n")
        self.proxied.advance(1.9)
        self.assertFalse(self.client.gone)
        self.proxied.advance(0.1)
        self.assert_nothing_left()

    def test_client_sends_on(self) -> None:
        """
        And so many octets.
        """
        self.start()
        self.client.send(b"nonsense\r\n\r\n")
        for _ in range(16):
            self.client.send(b"a" * (1 << 20))
        self.assertFalse(self.client.gone)
        self.client.send(b"a")
        self.assertTrue(self.client.reset)
        self.assert_nothing_left()

    def test_long_answer(self) -> None:
        """
        An answer that is still on its way to a client that has not sent all of its request
        gets as long as any other.
        """
        self.start(slow_reader_timeout=60.0, most_requests=1)
        self.client.send(post(1000, b"abc"))
        self.client.stall()
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"a" * 100000)
        self.proxied.advance(59)
        self.assertFalse(self.client.gone)
        self.client.take()
        self.assertTrue(self.client.received.endswith(b"a" * 100000))
        self.proxied.advance(0)
        self.assertTrue(self.client.finished)
        self.proxied.advance(2)
        self.assert_nothing_left()


class HandshakeTests(ProxiedTestCase):
    """
    Connections that speak TLS first.
    """

    def connect(self) -> Http1Connection:
        self.proxied = Proxied(secure=True, handshake_timeout=5.0, head_timeout=10.0)
        protocol = Http1Connection(self.proxied.settings)
        address = IPv4Address("TCP", "192.0.2.7", 50000)
        self.client = MemoryConnection(self.proxied.clock, address, address)
        self.client.handle = SSL.Connection(SSL.Context(SSL.TLS_METHOD), None)
        self.client.join(protocol)
        return protocol

    def test_late(self) -> None:
        """
        Pitfall 25: a handshake that does not come to an end in time ends the connection.
        """
        self.connect()
        self.proxied.advance(5)
        self.assertTrue(self.client.reset)
        self.assert_nothing_left()

    def test_in_time(self) -> None:
        """
        A request goes on, once the handshake is done, and the server learns of TLS.
        """
        protocol = self.connect()
        self.proxied.advance(4)
        protocol.handshakeCompleted()
        self.proxied.advance(9)
        self.ask()
        self.assertEqual(undated(self.client.received), OK)
        self.assertEqual(self.proxied.finished[0].request.scheme, b"https")

    def test_refused(self) -> None:
        """
        TLS has no half-close, so a refused client is closed when the answer is sent.
        """
        protocol = self.connect()
        protocol.handshakeCompleted()
        self.client.send(b"nonsense\r\n\r\n")
        self.assertEqual(undated(self.client.received), refused(b"400 Bad Request"))
        self.assertFalse(self.client.reset)
        self.assert_nothing_left()
