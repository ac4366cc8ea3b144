"""
Tests of L{revproxy.discovery.streams}.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone, ConnectionRefusedError
from twisted.internet.testing import MemoryReactorClock, StringTransportWithDisconnection
from twisted.names import dns
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.config.resolving import NameServer
from revproxy.discovery.question import Question
from revproxy.discovery.streams import ask_by_stream
from tests.discovery.test_question import reply


class StreamTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()
        self.question = Question("app.test", dns.A)
        self.answer = ask_by_stream(self.reactor, NameServer("192.0.2.1", 5353), self.question)

    def connect(self) -> None:
        factory = self.reactor.tcpClients[0][2]
        protocol: Any = factory.buildProtocol(None)
        self.transport = StringTransportWithDisconnection()
        self.transport.protocol = self.protocol = protocol
        protocol.makeConnection(self.transport)

    def send(self, octets: bytes) -> None:
        self.protocol.dataReceived(len(octets).to_bytes(2, "big") + octets)

    def test_asked(self) -> None:
        """
        The question goes out with its length before it, to the server.
        """
        self.assertEqual(self.reactor.tcpClients[0][:2], ("192.0.2.1", 5353))
        self.connect()
        octets = self.question.octets
        self.assertEqual(self.transport.value(), len(octets).to_bytes(2, "big") + octets)

    def test_ipv6(self) -> None:
        """
        A server is at an IPv6 address as well.
        """
        ask_by_stream(self.reactor, NameServer("2001:db8::1"), self.question)
        self.assertEqual(self.reactor.tcpClients[1][:2], ("2001:db8::1", 53))

    def test_answered(self) -> None:
        """
        The answer comes in pieces, and nothing is kept open after it.
        """
        self.connect()
        octets = reply(self.question).toStr()
        self.protocol.dataReceived(len(octets).to_bytes(2, "big") + octets[:5])
        self.assertNoResult(self.answer)
        self.protocol.dataReceived(octets[5:])
        self.assertEqual(self.successResultOf(self.answer).answer, 1)
        self.assertFalse(self.transport.connected)

    def test_nonsense(self) -> None:
        """
        What is no answer ends the connection.
        """
        self.connect()
        self.send(b"nonsense")
        self.failureResultOf(self.answer, ConnectionDone)

    def test_closed(self) -> None:
        """
        A server that closes the connection gives no answer.
        """
        self.connect()
        self.transport.loseConnection()
        self.failureResultOf(self.answer, ConnectionDone)

    def test_refused(self) -> None:
        """
        Nor does one that nobody can connect to.
        """
        factory = self.reactor.tcpClients[0][2]
        factory.clientConnectionFailed(self.reactor.connectors[0], Failure(ConnectionRefusedError()))
        self.failureResultOf(self.answer, ConnectionRefusedError)

    def test_cancelled_while_connecting(self) -> None:
        """
        Pitfall 44: who waits no more connects no more.
        """
        self.answer.cancel()
        self.failureResultOf(self.answer, CancelledError)
        self.assertTrue(self.reactor.connectors[0].stoppedConnecting)

    def test_cancelled_while_waiting(self) -> None:
        """
        Pitfall 44: nor is a connection left.
        """
        self.connect()
        self.answer.cancel()
        self.failureResultOf(self.answer, CancelledError)
        self.assertFalse(self.transport.connected)
