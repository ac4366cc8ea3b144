"""
Tests of L{revproxy.flow.pool.upstream}: which server is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from revproxy.errors import NoServer
from revproxy.exchange import Exchange
from revproxy.flow.pool.server import Server
from revproxy.interfaces import IBalancer, IServer
from tests.fakes import an_exchange
from tests.flow.upstream_side import AttendedServer, FirstOfAll, an_upstream


@implementer(IBalancer)
class InTurn:
    """
    Picks one after another, and says so.
    """

    def __init__(self) -> None:
        self.offered: list[Sequence[IServer]] = []

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        server = candidates[len(self.offered) % len(candidates)]
        self.offered.append(candidates)
        exchange.why.append(server.name.removeprefix("http://"))
        return server


class PickTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.attended = [AttendedServer(f"http://{name}", most=1) for name in ("one", "two", "three")]
        self.servers = [each.server for each in self.attended]
        self.balancer = FirstOfAll()
        self.upstream = an_upstream(self.servers, self.balancer)

    def pick(self, *tried: Server) -> str:
        server = self.upstream.pick(an_exchange(), tried)
        assert server is not None
        return server.name

    def test_the_balancer_chooses(self) -> None:
        """
        Among servers with room the balancer chooses, in the order of the file.
        """
        self.assertEqual(self.pick(), "http://one")
        self.assertEqual(self.balancer.offered, [tuple(self.servers)])

    def test_full_ones_are_left_out(self) -> None:
        """
        A server that is full is not offered, until it has room again.
        """
        self.servers[0].occupy()
        self.assertEqual(self.pick(), "http://two")
        self.servers[0].vacate()
        self.assertEqual(self.pick(), "http://one")
        self.assertEqual([len(offered) for offered in self.balancer.offered], [2, 3])

    def test_full_since(self) -> None:
        """
        Where the balancer chooses one that has become full it is asked again, with the same
        servers to choose from; what it told of the other is not heard of.
        """
        in_turn = InTurn()
        upstream = an_upstream(self.servers, in_turn)
        exchange = an_exchange()
        names = []
        for _ in range(5):
            server = upstream.pick(exchange, ())
            assert server is not None
            names.append(server.name)
            if len(names) == 1:
                self.servers[1].occupy()
        self.assertEqual(names, ["http://one", "http://three", "http://one", "http://three", "http://one"])
        self.assertEqual(exchange.why[0::2], ["one", "three", "one", "three", "one"])
        self.assertEqual(len({id(offered) for offered in in_turn.offered}), 1)

    def test_insisting(self) -> None:
        """
        Where it would have the full one again it is given the others alone.
        """
        self.pick()
        self.servers[0].occupy()
        self.assertEqual(self.pick(), "http://two")
        self.assertEqual([len(offered) for offered in self.balancer.offered], [3, 3, 3, 2])

    def test_all_full_since(self) -> None:
        """
        Where all have become full there is none.
        """
        self.pick()
        for server in self.servers:
            server.occupy()
        with self.assertRaises(NoServer) as caught:
            self.pick()
        self.assertIn("3 full", caught.exception.reason)

    def test_tried_ones_are_left_out(self) -> None:
        """
        A server that was tried is not offered again.
        """
        self.assertEqual(self.pick(self.servers[0]), "http://two")

    def test_one_is_no_choice(self) -> None:
        """
        The only server left is taken without asking.
        """
        self.servers[0].occupy()
        self.assertEqual(self.pick(self.servers[1]), "http://three")
        self.assertEqual(self.balancer.offered, [])

    def test_none(self) -> None:
        """
        Where all are full or were tried, the answer is 503.
        """
        self.servers[0].occupy()
        with self.assertRaises(NoServer) as caught:
            self.pick(*self.servers[1:])
        self.assertEqual(caught.exception.status, 503)
        for server in self.servers[1:]:
            server.occupy()
        self.assertRaises(NoServer, self.pick)

    def test_same_object(self) -> None:
        """
        As long as nothing changes, the balancer is given the same object.
        """
        self.pick(), self.pick()
        self.assertIs(self.balancer.offered[0], self.balancer.offered[1])

    def test_close(self) -> None:
        """
        Closing drops the kept connections of every server.
        """
        kept = [each.keep() for each in self.attended]
        self.upstream.close()
        self.assertEqual([connection.calls for connection in kept], [["drop"]] * 3)
