"""
Tests of L{revproxy.flow.pool.upstream}.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from revproxy.components.balancers.least_time import LeastTime
from revproxy.errors import CircuitOpen, ExchangeError, NoServer, QueueFull
from revproxy.exchange import Exchange
from revproxy.flow.judging.breaker import BreakerTerms, CircuitBreaker
from revproxy.flow.pool.events import Events
from revproxy.flow.pool.queue import Waiting
from revproxy.flow.pool.server import Server
from revproxy.flow.pool.terms import PASS, UPSTREAM, UpstreamTerms
from revproxy.interfaces import IBalancer, ILoadObserver, IOutcomeObserver, IServer
from tests.fakes import an_exchange
from tests.flow.upstream_side import AttendedServer, an_upstream


class WaitingTests(SynchronousTestCase):
    """
    Exchanges that wait for a server with room.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        attended = [AttendedServer(f"http://{name}", most=1) for name in ("one", "two")]
        self.servers = [each.server for each in attended]
        self.upstream = an_upstream(self.servers, clock=self.clock, terms=UpstreamTerms(most_waiting=2))
        for server in self.servers:
            server.occupy()
        self.went: list[str] = []
        self.refused: list[ExchangeError] = []
        self.places: list[Waiting] = []

    def tearDown(self) -> None:
        """
        Pitfall 44: nothing is left scheduled when nobody waits any more.
        """
        self.upstream.close()
        for place in self.places:
            self.upstream.leave(place)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def wait(self, tried: Sequence[Server] = ()) -> None:
        self.assertIsNone(self.upstream.pick(an_exchange(), tried))
        self.places.append(self.upstream.wait(lambda: self.go(tried), self.refused.append))

    def go(self, tried: Sequence[Server]) -> bool:
        server = self.upstream.pick_now(an_exchange(), tried)
        if server is not None:
            server.occupy()
            self.went.append(server.name)
        return server is not None

    def test_goes_on(self) -> None:
        """
        Who waits goes on when a server has room, at the end of the turn.
        """
        for _ in range(2):
            self.wait()
        self.servers[1].vacate()
        self.assertEqual(self.went, [])
        self.clock.advance(0)
        self.assertEqual(self.went, ["http://two"])
        self.servers[0].vacate()
        self.clock.advance(0)
        self.assertEqual(self.went, ["http://two", "http://one"])
        self.assertEqual(self.upstream.events.counts["queued"], 2)

    def test_nobody_goes_before(self) -> None:
        """
        Who comes when a server has room again goes behind those who wait for it.
        """
        self.wait()
        self.servers[0].vacate()
        self.assertIsNone(self.upstream.pick(an_exchange(), ()))
        self.clock.advance(0)
        self.assertEqual(self.went, ["http://one"])

    def test_who_cannot_go_is_in_nobodys_way(self) -> None:
        """
        One that was to the only server with room already holds nobody up.
        """
        self.wait([self.servers[0]])
        self.servers[0].vacate()
        self.clock.advance(0)
        self.assertEqual(self.went, [])
        self.assertIs(self.upstream.pick(an_exchange(), ()), self.servers[0])

    def test_full(self) -> None:
        """
        Where too many wait, the answer is 503.
        """
        for _ in range(2):
            self.wait()
        self.assertRaises(QueueFull, self.wait)
        self.assertEqual(self.upstream.events.counts["queue-full"], 1)

    def test_no_hope(self) -> None:
        """
        Nobody waits for servers that are down.
        """
        for server in self.servers:
            server.standing.judge(False, "down: refused")
        with self.assertRaises(NoServer) as raised:
            self.upstream.pick(an_exchange(), ())
        self.assertIn("http://one: down: refused", raised.exception.reason)

    def test_expected(self) -> None:
        """
        But for servers that are still looked for.
        """
        upstream = an_upstream([], clock=self.clock, terms=UpstreamTerms(most_waiting=1))
        upstream.members.expect(True)
        self.assertIsNone(upstream.pick(an_exchange(), ()))
        went: list[Server | None] = []

        def go() -> bool:
            went.append(upstream.pick_now(an_exchange(), ()))
            return True

        upstream.wait(go, self.refused.append)
        upstream.members.have("names", [AttendedServer("http://found").server], "looked up")
        self.clock.advance(0)
        self.assertEqual([server and server.name for server in went], ["http://found"])
        upstream.close()

    def test_closed(self) -> None:
        """
        Who waits when a new configuration takes the upstream's place goes on all the same.
        """
        self.wait()
        self.upstream.close()
        self.servers[0].vacate()
        self.clock.advance(0)
        self.assertEqual((self.went, self.refused), (["http://one"], []))


@implementer(IBalancer, ILoadObserver, IOutcomeObserver)
class Listening:
    """
    A balancer that wants to know everything.
    """

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        return candidates[-1]

    def occupied(self, server: IServer) -> None:
        self.heard.append(("occupied", server.name, server.active))

    def vacated(self, server: IServer) -> None:
        self.heard.append(("vacated", server.name, server.active))

    def forgotten(self, server: IServer) -> None:
        self.heard.append(("forgotten", server.name))

    def answered(self, server: IServer, status: int, seconds: float) -> None:
        self.heard.append(("answered", server.name, status, seconds))

    def failed(self, server: IServer, error: ExchangeError, seconds: float) -> None:
        self.heard.append(("failed", server.name, type(error), seconds))


class ObserverTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.balancer = Listening()
        self.servers = [AttendedServer(f"http://{name}").server for name in ("one", "two")]
        self.upstream = an_upstream(self.servers, self.balancer)

    def test_load(self) -> None:
        """
        A balancer that observes the load hears of it as it changes.
        """
        for change in (self.servers[0].occupy, self.servers[0].occupy, self.servers[0].vacate):
            change()
        self.assertEqual(
            self.balancer.heard,
            [("occupied", "http://one", 1), ("occupied", "http://one", 2), ("vacated", "http://one", 1)],
        )

    def test_outcomes(self) -> None:
        """
        One that observes outcomes is among those who hear of them.
        """
        self.assertEqual(self.upstream.observers, (self.balancer,))

    def test_forgotten(self) -> None:
        """
        It hears once of a server that goes.
        """
        self.upstream.members.remove("http://one")
        self.assertEqual(self.balancer.heard, [("forgotten", "http://one")])

    def test_new_servers(self) -> None:
        """
        It hears of those that come later, too.
        """
        server = AttendedServer("http://new").server
        self.upstream.members.add(server)
        server.occupy()
        self.assertEqual(self.balancer.heard, [("occupied", "http://new", 1)])

    def test_simple_balancers_cost_nothing(self) -> None:
        """
        Where nobody wants to know, nobody is told.
        """
        upstream = an_upstream(self.servers)
        self.assertEqual(upstream.observers, ())


class WhyTests(SynchronousTestCase):
    def test_why(self) -> None:
        """
        An exchange tells how its server was chosen, and who was passed over.
        """
        servers = [AttendedServer(f"http://{name}").server for name in ("one", "two", "three")]
        upstream = an_upstream(servers, balancing="round-robin")
        exchange = an_exchange()
        upstream.pick(exchange, ())
        servers[1].standing.judge(False, "down: refused")
        upstream.pick(exchange, ())
        self.assertEqual(
            exchange.why,
            [
                "round-robin among 3 of 3 servers",
                "round-robin among 2 of 3 servers (http://two: down: refused)",
            ],
        )


class BreakerTests(SynchronousTestCase):
    def test_open(self) -> None:
        """
        While its circuit breaker is open an upstream gives no server.
        """
        clock, server = Clock(), AttendedServer().server
        breaker = CircuitBreaker(clock.seconds, BreakerTerms(least=1), Events("app"))
        upstream = an_upstream([server], clock=clock, breaker=breaker)
        self.assertIs(upstream.pick(an_exchange(), ()), server)
        upstream.observers[0].answered(server, 500, 0.1)
        self.assertRaises(CircuitOpen, upstream.pick, an_exchange(), ())

    def test_who_waits(self) -> None:
        """
        While it is half-open, exchanges that wait for room, and tries of one that was let
        through, do not count as let through: it closes once those few went well.
        """
        clock = Clock()
        clock.advance(100.0)
        server = AttendedServer(most=1).server
        breaker = CircuitBreaker(clock.seconds, BreakerTerms(least=1, trials=1), Events("app"))
        terms = UpstreamTerms(most_waiting=5)
        upstream = an_upstream([server], clock=clock, terms=terms, breaker=breaker)
        breaker.answered(server, 500, 0.0)
        server.occupy()
        clock.advance(10.0)
        exchanges = [an_exchange() for _ in range(3)]
        for exchange in exchanges:
            self.assertIsNone(upstream.pick(exchange, ()))
        server.vacate()
        self.assertIs(upstream.pick(exchanges[0], ()), server)
        self.assertRaises(CircuitOpen, upstream.pick, exchanges[1], ())
        exchanges[0].tries = 1
        self.assertIs(upstream.pick(exchanges[0], ()), server)
        breaker.answered(server, 200, 0.0)
        breaker.completed(server, 200, 0.0)
        self.assertIs(upstream.pick(exchanges[1], ()), server)
        upstream.close()


class ClosedTests(SynchronousTestCase):
    def test_still_asked(self) -> None:
        """
        An exchange that began before a new configuration came, and was waiting for a filter,
        still finds a server, though the balancer was told to forget all.
        """
        clock = Clock()
        servers = [AttendedServer(f"http://{name}").server for name in ("one", "two")]
        upstream = an_upstream(servers, LeastTime(Random(1), clock, 10.0, 1.0), clock)
        upstream.pick(an_exchange(), ())
        upstream.close()
        self.assertIn(upstream.pick(an_exchange(), ()), servers)


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
