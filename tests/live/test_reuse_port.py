"""
Several listeners on one port, each with connections of its own.
"""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.protocol import ServerFactory
from twisted.internet.tcp import makeBinding
from twisted.internet.test.reactormixins import ReactorBuilder
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.programs import DEADLINE
from tests.live.test_twisted_promises import new_reactor

CLIENTS = 40
"""
As many as the queue of one listener has room for; that all come to the same one of two
happens once in 10 ** 11 times.
"""


class Counting(ServerFactory):
    """
    Counts the connections that were accepted, and closes them.
    """

    def __init__(self, case: ReusePortTests) -> None:
        self.case = case
        self.accepted = 0

    @override
    def buildProtocol(self, addr: Any) -> None:
        self.accepted += 1
        self.case.was_accepted()


class ReusePortTests(ReactorBuilder, SynchronousTestCase):
    """
    Two listeners on our reactor, as they would be in two processes.
    """

    reactorFactory = new_reactor

    @override
    def setUp(self) -> None:
        super().setUp()
        self.reactor: Any = self.buildReactor()
        self.factories = Counting(self), Counting(self)

    def was_accepted(self) -> None:
        if sum(factory.accepted for factory in self.factories) == CLIENTS:
            self.reactor.stop()

    def listen(self, number: int, factory: Counting) -> Any:
        binding = makeBinding("127.0.0.1", number, reusePort=True)
        return self.reactor.listenTCP(binding, factory)

    def adopt(self, number: int, factory: Counting) -> Any:
        """
        Listen as a program does that is given its socket.
        """
        with socket.create_server(("127.0.0.1", number), reuse_port=True) as opened:
            opened.setblocking(False)
            return self.reactor.adoptStreamPort(opened.fileno(), opened.family, factory)

    def connect(self, number: int) -> None:
        """
        Connect all clients; the system does, without the listeners.
        """
        for _ in range(CLIENTS):
            client = socket.create_connection(("127.0.0.1", number), DEADLINE)
            self.addCleanup(client.close)

    def assertShared(self) -> None:
        """
        All are accepted, some by each listener.
        """
        self.runReactor(self.reactor, DEADLINE)
        counts = [factory.accepted for factory in self.factories]
        self.assertEqual(sum(counts), CLIENTS)
        self.assertNotIn(0, counts)

    def test_listened(self) -> None:
        """
        Two ports that C{listenTCP} has opened share what comes.
        """
        number = self.listen(0, self.factories[0]).getHost().port
        self.listen(number, self.factories[1])
        self.connect(number)
        self.assertShared()

    def test_adopted(self) -> None:
        """
        So do a port and a socket that was opened elsewhere.
        """
        number = self.adopt(0, self.factories[0]).getHost().port
        self.listen(number, self.factories[1])
        self.connect(number)
        self.assertShared()

    def test_one_ends(self) -> None:
        """
        When one has stopped, all that comes then is the other's.
        """
        first = self.listen(0, self.factories[0])
        number = first.getHost().port
        self.listen(number, self.factories[1])
        first.stopListening().addCallback(lambda _: self.connect(number))
        self.runReactor(self.reactor, DEADLINE)
        self.assertEqual([factory.accepted for factory in self.factories], [0, CLIENTS])
