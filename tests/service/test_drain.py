from __future__ import annotations

from revproxy.service.drain import Drain
from tests.service.proxies import ProxyTestCase


class DrainTests(ProxyTestCase):
    """
    With clients that have asked for something and wait.
    """

    def drain(self, seconds: float = 5.0) -> list[object]:
        over: list[object] = []
        Drain(self.workshop.connections, self.network, seconds).wait().addCallback(over.append)
        return over

    def test_nothing(self) -> None:
        """
        Without connections it is over at once.
        """
        self.assertEqual(len(self.drain()), 1)
        self.assertEqual(self.network.getDelayedCalls(), [])

    def test_last_one(self) -> None:
        """
        It is over soon after the last connection has gone.
        """
        self.running()
        clients = [self.asking(), self.asking()]
        over = self.drain()
        clients[0].leave()
        self.network.turn(0.1)
        self.assertEqual(over, [])
        clients[1].leave()
        self.network.turn(0.1)
        self.assertEqual(len(over), 1)

    def test_cut(self) -> None:
        """
        When the time is over those that are left are cut.
        """
        self.running()
        client = self.asking()
        over = self.drain()
        self.network.turn(4.9)
        self.assertFalse(client.reset)
        self.network.turn(0.1, 0, 0.1)
        self.assertTrue(client.reset)
        self.assertEqual(len(over), 1)

    def test_never(self) -> None:
        """
        What cannot even be cut keeps nobody waiting.
        """
        self.running()
        self.asking()
        connections = self.workshop.connections
        self.addCleanup(connections.clear)
        (stuck,) = connections
        over = self.drain(0.0)
        self.network.turn(0)
        connections.add(stuck)
        self.network.turn(1.0, 0.1)
        self.assertEqual(len(over), 1)
