"""
Tests of L{revproxy.flow.pool.upstream}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import NoServer
from revproxy.flow.pool.server import Server
from revproxy.flow.pool.terms import PASS, UPSTREAM, UpstreamTerms
from tests.fakes import an_exchange
from tests.flow.upstream_side import AttendedServer, FirstOfAll, an_upstream


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


class AuthorityTests(SynchronousTestCase):
    def authority(self, host: bytes, asked: bytes = b"example.com:81", chosen: bytes | None = None) -> bytes:
        server = AttendedServer("http://one:8001").server
        exchange = an_exchange(authority=asked)
        exchange.outbound.authority = chosen
        return an_upstream([server], terms=UpstreamTerms(host)).authority_for(exchange, server)

    def test_pass(self) -> None:
        """
        The server hears what the client asked for.
        """
        self.assertEqual(self.authority(PASS), b"example.com:81")

    def test_pass_nothing(self) -> None:
        """
        Where an HTTP/1.0 client named no host, the server hears its own.
        """
        self.assertEqual(self.authority(PASS, b""), b"one:8001")

    def test_upstream(self) -> None:
        """
        The server hears its own name.
        """
        self.assertEqual(self.authority(UPSTREAM), b"one:8001")

    def test_name(self) -> None:
        """
        The server hears the name of the file.
        """
        self.assertEqual(self.authority(b"app.internal"), b"app.internal")

    def test_filters_win(self) -> None:
        """
        What a filter chose is said, whatever the option.
        """
        for host in (PASS, UPSTREAM, b"app.internal"):
            self.assertEqual(self.authority(host, chosen=b"other"), b"other")
