"""
Connections inherit the options of the socket that they came by.
"""

from __future__ import annotations

import socket

from twisted.internet.protocol import Factory
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.socket_options import set_listening_options
from tests.service.network import Network


class InheritedTests(SynchronousTestCase):
    def test_accepted(self) -> None:
        """
        The kernel gives what is accepted both options.
        """
        network = Network()
        with socket.create_server(("127.0.0.1", 0)) as network.listening:
            set_listening_options(network.listenTCP(8080, Factory()))
            with socket.create_connection(network.listening.getsockname()):
                accepted, _ = network.listening.accept()
        with accepted:
            self.assertTrue(accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
            self.assertTrue(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
