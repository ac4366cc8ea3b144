"""
Tests of L{bench.generators.websocket}.
"""

from __future__ import annotations

import asyncio

from twisted.trial.unittest import SynchronousTestCase

from bench.generators.frames import FROM_CLIENT, FROM_SERVER
from bench.generators.websocket import EchoClient, NoEcho, NotSwitched
from tests.bench.generators.transport import WrittenTransport

SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"


class EchoClientTests(SynchronousTestCase):
    def setUp(self) -> None:
        loop = asyncio.new_event_loop()
        self.addCleanup(loop.close)
        self.transport = WrittenTransport()
        self.client = EchoClient(loop)
        self.client.connection_made(self.transport)

    def open(self) -> None:
        self.client.data_received(SWITCHED)
        self.transport.taken()

    def test_asks(self) -> None:
        """
        It asks for a WebSocket, and is open when the server agrees.
        """
        self.assertIn(b"\r\nUpgrade: websocket\r\n", self.transport.taken())
        self.client.data_received(SWITCHED[:50])
        self.assertFalse(self.client.opened.done())
        self.client.data_received(SWITCHED[50:])
        self.assertIsNone(self.client.opened.result())

    def test_refused(self) -> None:
        """
        Any other answer is told.
        """
        self.client.data_received(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        self.assertEqual(str(self.client.opened.exception()), "HTTP/1.1 502 Bad Gateway")
        self.assertIsInstance(self.client.opened.exception(), NotSwitched)

    def test_messages(self) -> None:
        """
        When a message is back in full, it is counted and the next is sent.
        """
        self.open()
        self.client.start()
        self.assertEqual(self.transport.taken(), FROM_CLIENT)
        self.client.data_received(FROM_SERVER[:50])
        self.assertEqual((self.client.messages, self.transport.taken()), (0, b""))
        self.client.data_received(FROM_SERVER[50:])
        self.assertEqual((self.client.messages, self.transport.taken()), (1, FROM_CLIENT))

    def test_something_else(self) -> None:
        """
        Where something else comes back, the measurement fails.
        """
        self.open()
        self.client.data_received(FROM_SERVER[:-1] + b"?")
        self.assertIsInstance(self.client.lost.exception(), NoEcho)

    def test_lost(self) -> None:
        """
        A connection that ends fails the measurement too.
        """
        self.open()
        self.client.connection_lost(None)
        self.assertIsInstance(self.client.lost.exception(), ConnectionError)
