"""
Tests of L{revproxy.discovery.datagrams}, with sockets that the test turns itself.
"""

from __future__ import annotations

import os
import socket

from twisted.internet.defer import CancelledError, Deferred
from twisted.names import dns
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.config.resolving import NameServer
from revproxy.discovery.datagrams import ask_by_datagram
from revproxy.discovery.question import Question
from tests.discovery.test_question import reply
from tests.live.watching import WatchingClock


class DatagramTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.descriptors = len(os.listdir("/proc/self/fd"))
        self.reactor = WatchingClock()
        self.server = self.bound()
        self.question = Question("app.test", dns.A)

    def bound(self, address: str = "127.0.0.1") -> socket.socket:
        server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(server.close)
        server.bind((address, 0))
        server.settimeout(30)
        return server

    def ask(self) -> Deferred[dns.Message]:
        address, port, *_ = self.server.getsockname()
        return ask_by_datagram(self.reactor, NameServer(address, port), self.question)

    def assertAtRest(self) -> None:
        """
        No socket is left but the server's.
        """
        self.assertEqual(self.reactor.readers, [])
        self.assertEqual(len(os.listdir("/proc/self/fd")), self.descriptors + 1)

    def test_answered(self) -> None:
        """
        The server gets the question, and what it sends is the answer.
        """
        answer = self.ask()
        octets, client = self.server.recvfrom(1000)
        self.assertEqual(octets, self.question.octets)
        self.reactor.turn()
        self.assertNoResult(answer)
        self.server.sendto(reply(self.question).toStr(), client)
        self.reactor.turn()
        self.assertEqual(self.successResultOf(answer).answer, 1)
        self.assertAtRest()

    def test_ipv6(self) -> None:
        """
        A server is asked at an IPv6 address as well.
        """
        self.server = self.bound("::1")
        answer = self.ask()
        _, client = self.server.recvfrom(1000)
        self.server.sendto(reply(self.question).toStr(), client)
        self.reactor.turn()
        self.successResultOf(answer)

    def test_nonsense(self) -> None:
        """
        What is no answer is waited over.
        """
        answer = self.ask()
        _, client = self.server.recvfrom(1000)
        for octets in (b"", b"nonsense", reply(Question("other.test", dns.A)).toStr()):
            self.server.sendto(octets, client)
            self.reactor.turn()
        self.assertNoResult(answer)
        self.server.sendto(reply(self.question).toStr(), client)
        self.reactor.turn()
        self.successResultOf(answer)

    def test_from_elsewhere(self) -> None:
        """
        Pitfall 39: what others send is no answer, though it says all the right things.
        """
        answer = self.ask()
        _, client = self.server.recvfrom(1000)
        self.bound().sendto(reply(self.question).toStr(), client)
        self.reactor.turn()
        self.assertNoResult(answer)
        answer.addErrback(lambda _: None).cancel()

    def test_ports(self) -> None:
        """
        Pitfall 39: each question goes out from a port of its own.
        """
        answers = [self.ask() for _ in range(5)]
        ports = {self.server.recvfrom(1000)[1][1] for _ in answers}
        self.assertEqual(len(ports), 5)
        for answer in answers:
            answer.addErrback(lambda _: None).cancel()

    def test_nobody_there(self) -> None:
        """
        Where nobody listens that is known at once.
        """
        address, port = self.server.getsockname()
        self.server.close()
        answer = ask_by_datagram(self.reactor, NameServer(address, port), self.question)
        self.reactor.turn()
        self.failureResultOf(answer, ConnectionRefusedError)
        self.assertEqual(self.reactor.readers, [])

    def test_no_way(self) -> None:
        """
        So it is where there is no way to the server.
        """
        answer = ask_by_datagram(self.reactor, NameServer("255.255.255.255"), self.question)
        self.failureResultOf(answer, OSError)
        self.assertAtRest()

    def test_cancelled(self) -> None:
        """
        Pitfall 44: who waits no more leaves no socket behind.
        """
        answer = self.ask()
        answer.cancel()
        self.failureResultOf(answer, CancelledError)
        self.assertAtRest()

    def test_reactor_ends(self) -> None:
        """
        When the reactor ends there is no answer.
        """
        answer = self.ask()
        (reader,) = self.reactor.readers
        reader.connectionLost(CancelledError())
        self.failureResultOf(answer, CancelledError)
        self.assertAtRest()
