"""
Tests of L{bench.generators.echo}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.generators.echo import EchoServer
from bench.generators.frames import FROM_CLIENT, FROM_SERVER
from tests.bench.generators.transport import WrittenTransport

REQUEST = b"GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"


class EchoServerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.transport = WrittenTransport()
        self.server = EchoServer()
        self.server.connection_made(self.transport)

    def test_switches(self) -> None:
        """
        A request for a WebSocket, in however many pieces, is accepted.
        """
        self.server.data_received(REQUEST[:30])
        self.assertEqual(self.transport.taken(), b"")
        self.server.data_received(REQUEST[30:])
        self.assertIn(b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", self.transport.taken())

    def test_other_request(self) -> None:
        """
        Any other is refused.
        """
        self.server.data_received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(self.transport.taken().startswith(b"HTTP/1.1 400 "))

    def test_messages(self) -> None:
        """
        Each whole message is answered, wherever it is cut.
        """
        self.server.data_received(REQUEST)
        self.transport.taken()
        stream = FROM_CLIENT * 3
        answered = []
        for piece in (stream[:100], stream[100:150], stream[150:]):
            self.server.data_received(piece)
            answered.append(self.transport.taken())
        self.assertEqual(answered, [b"", FROM_SERVER, FROM_SERVER * 2])
