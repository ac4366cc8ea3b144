"""
A whole proxy in memory: clients at one side, servers at the other, and a clock
that the test turns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from revproxy.components.balancers.round_robin import RoundRobin
from revproxy.edge.http1 import Http1Connection
from revproxy.edge.http1_settings import Http1Settings
from revproxy.edge.match import Route
from revproxy.edge.resource import ReverseProxyResource
from revproxy.edge.router import Router
from revproxy.edge.tree import RouteTree
from revproxy.edge.turn import TurnWriter
from revproxy.edge.upstream_client import Http1Client
from revproxy.edge.upstream_settings import UpstreamHttp1Settings
from revproxy.exchange import Exchange
from revproxy.flow.pool.server import ConnectionLimits, Server
from revproxy.flow.pool.terms import PASS, UpstreamTerms, UpstreamTimeouts
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.retries.policy import RetryPolicy
from revproxy.flow.route import RouteSettings
from revproxy.flow.splice.splicer import Splicer
from revproxy.interfaces import IRequestFilter, IResponseFilter
from revproxy.wire.forwarded import ForwardedPolicy
from revproxy.wire.networks import Networks
from tests.edge.memory import MemoryConnection

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

TELLS_NOTHING = ForwardedPolicy(Networks([]), x_forwarded=False, forwarded=False, via=None)
"""
Adds no field, so that what reaches a server is short.
"""

LIMITS = ConnectionLimits()
TIMEOUTS = UpstreamTimeouts()

_DATE = re.compile(rb"date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n")


@implementer(IStreamClientEndpoint)
class MemoryEndpoint:
    """
    A server that is connected to in memory.

    @ivar connections: all that were made, in order.
    @ivar error: what to fail with, in place of a connection.
    @ivar holding: whether connections wait for L{accept}.
    @ivar given_up: how many attempts were cancelled.
    """

    def __init__(self, clock: Clock, port: int) -> None:
        self.connections: list[MemoryConnection] = []
        self.error: Exception | None = None
        self.holding = False
        self.given_up = 0
        self._clock = clock
        self._address = IPv4Address("TCP", "192.0.2.80", port)
        self._held: list[tuple[IProtocolFactory, Deferred[IProtocol]]] = []

    def connect(self, factory: IProtocolFactory) -> Deferred[IProtocol]:
        if self.error is not None:
            return fail(self.error)
        if not self.holding:
            return succeed(self._made(factory))
        waiting: Deferred[IProtocol] = Deferred(self._cancelled)
        self._held.append((factory, waiting))
        return waiting

    def accept(self) -> None:
        """
        Make the connections that wait.
        """
        held, self._held = self._held, []
        for factory, waiting in held:
            waiting.callback(self._made(factory))

    def _cancelled(self, waiting: Deferred[IProtocol]) -> None:
        self.given_up += 1
        self._held = [each for each in self._held if each[1] is not waiting]

    def _made(self, factory: IProtocolFactory) -> IProtocol:
        protocol = factory.buildProtocol(self._address)
        assert protocol is not None
        connection = MemoryConnection(self._clock, self._address, IPv4Address("TCP", "192.0.2.1", 40000))
        self.connections.append(connection)
        connection.join_in_turn(protocol)
        return protocol


class Proxied:
    """
    A listener with one route to one upstream.

    @ivar settings: those of the client's side.
    @ivar endpoints: how the servers are reached, which call themselves
        C{server1:80} and so on.
    @ivar finished: the exchanges that are over, in order.
    """

    def __init__(
        self,
        servers: int = 1,
        host: bytes = PASS,
        limits: ConnectionLimits = LIMITS,
        timeouts: UpstreamTimeouts = TIMEOUTS,
        upgrades: Sequence[bytes] = (b"websocket",),
        most_head: int = 65536,
        most_body: int | None = None,
        request_filters: Sequence[IRequestFilter] = (),
        response_filters: Sequence[IResponseFilter] = (),
        forwarded: ForwardedPolicy = TELLS_NOTHING,
        splicer: Splicer | None = None,
        **listener: Any,
    ) -> None:
        """
        @param listener: for L{Http1Settings}.
        """
        self.clock = Clock()
        self.finished: list[Exchange] = []
        turn = TurnWriter(self.clock)
        outgoing = UpstreamHttp1Settings(
            self.clock, turn, timeouts, most_head, limits.requests, limits.idle_timeout, splicer
        )
        self.endpoints = [MemoryEndpoint(self.clock, 80) for _ in range(servers)]
        self.servers = [
            Server(f"server{number}", b"server%d:80" % number, 1, limits, Http1Client(endpoint, outgoing))
            for number, endpoint in enumerate(self.endpoints, 1)
        ]
        self.upstream = Upstream(
            "app",
            self.servers,
            RoundRobin(),
            self.clock,
            RetryPolicy(Random(1)),
            UpstreamTerms(host, frozenset(upgrades), timeouts),
        )
        route = RouteSettings(
            self.upstream, self.clock, tuple(request_filters), tuple(response_filters), most_body
        )
        router = Router(RouteTree([Route(ReverseProxyResource(route))]))
        self.settings = Http1Settings(
            self.clock, router.answer, self.finished.append, forwarded, turn, splicer=splicer, **listener
        )

    def client(self, address: str = "192.0.2.7") -> MemoryConnection:
        """
        A client that has just connected.
        """
        peer, host = IPv4Address("TCP", address, 50000), IPv4Address("TCP", "192.0.2.1", 8080)
        return MemoryConnection(self.clock, peer, host).join(Http1Connection(self.settings))

    @property
    def origin(self) -> MemoryConnection:
        """
        The connection made last to the first server.
        """
        return self.endpoints[0].connections[-1]

    @property
    def origins(self) -> list[MemoryConnection]:
        """
        All connections to the first server.
        """
        return self.endpoints[0].connections

    @property
    def forwarded(self) -> list[bytes]:
        """
        What the first server got on each of its connections.
        """
        return [connection.received for connection in self.origins]

    @property
    def statuses(self) -> list[int | None]:
        """
        What the exchanges that are over were answered with.
        """
        return [None if exchange.response is None else exchange.response.status for exchange in self.finished]

    def advance(self, *seconds: float) -> None:
        """
        Let time pass.
        """
        for each in seconds:
            self.clock.advance(each)
            self.clock.advance(0)

    def leftovers(self) -> list[object]:
        """
        Close what is kept for later, and give all that is there none the less: calls,
        client connections, exchanges that servers still work on.
        """
        self.upstream.close()
        self.advance(0)
        busy = [server.name for server in self.servers if server.active]
        return [*self.clock.getDelayedCalls(), *self.settings.connections, *busy]


class ProxiedTestCase(SynchronousTestCase):
    """
    One client of a proxy.
    """

    proxied: Proxied
    client: MemoryConnection

    def start(self, **settings: Any) -> None:
        self.proxied = Proxied(**settings)
        self.client = self.proxied.client()

    def ask(self, request: bytes = GET, answer: bytes = OK) -> None:
        self.client.send(request)
        self.proxied.origin.send(answer)

    def assert_nothing_left(self) -> None:
        self.assertTrue(self.client.gone)
        self.assertEqual(self.proxied.leftovers(), [])


def post(length: int, body: bytes = b"", target: bytes = b"/") -> bytes:
    """
    A request with (a part of) its body.
    """
    return b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (target, length, body)


def undated(data: bytes) -> bytes:
    """
    Leave out the C{Date} that the proxy adds to responses without one.
    """
    return _DATE.sub(b"", data)


def refused(status: bytes) -> bytes:
    """
    The answer to what is no valid request, after which the connection ends.

    @param status: with its phrase.
    """
    body = status + b"\n"
    return (
        b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\n"
        b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (status, len(body), body)
    )


def whole_chunks(data: bytes) -> bytes:
    """
    Put the chunks of each chunked body into one, so that messages can be compared
    that were relayed as they came.
    """
    out = b""
    while data:
        head, end, data = data.partition(b"\r\n\r\n")
        out += head + end
        if b"transfer-encoding: chunked" in head:
            body, data = _one_chunk(data)
            out += body
    return out


def _one_chunk(data: bytes) -> tuple[bytes, bytes]:
    content = b""
    while True:
        line, _, rest = data.partition(b"\r\n")
        size = int(line, 16) if line else 0
        if not size or len(rest) < size + 2:
            break
        content += rest[:size]
        data = rest[size + 2 :]
    return (b"%x\r\n%b\r\n" % (len(content), content) if content else b""), data
