"""
What an upstream may go through, with a balancer of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from hypothesis.strategies import SearchStrategy, integers, lists, sampled_from, tuples
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.catalog import built_ins
from revproxy.config.context import Context
from revproxy.errors import NoServer, UpstreamRefused
from revproxy.flow.pool.server import ConnectionLimits, Server
from revproxy.interfaces import IBalancer
from revproxy.registry import ComponentSpec, Environment
from revproxy.testing import stand_in_exchange, stand_in_response
from tests.flow.upstream_side import WaitingClient, an_upstream

WRITTEN: Final[dict[str, dict[str, object]]] = {
    "consistent-hash": {"type": "consistent-hash", "key": "path"},
    "consistent-hash within": {
        "type": "consistent-hash",
        "key": "query:id",
        "fallback": "least-connections",
    },
    "first": {"type": "first"},
    "least-connections": {"type": "least-connections"},
    "least-time": {"type": "least-time"},
    "power-of-two": {"type": "power-of-two"},
    "random": {"type": "random"},
    "round-robin": {"type": "round-robin"},
    "sticky": {"type": "sticky"},
    "sticky within": {"type": "sticky", "fallback": "least-time"},
}
"""
Each balancer that comes with the proxy, and some within others, as the file has them.
"""


def made(written: dict[str, object], clock: Clock) -> IBalancer:
    """
    @return: the balancer that the file asks for.
    """
    registry = built_ins()
    context = Context(registry, Path("/"))
    options = {key: value for key, value in written.items() if key != "type"}
    name = str(written["type"])
    settings = registry.settings(IBalancer, name).model_validate(options, context=context)
    environment = Environment(clock, Random(1), Path("/"))
    balancer: IBalancer = registry.build(IBalancer, ComponentSpec(name, settings), environment)
    return balancer


class World:
    """
    An upstream whose servers come and go, get busy and fail.

    @ivar taken: the servers of the exchanges that are not over.
    @ivar cookies: what clients were given.
    """

    def __init__(self, case: SynchronousTestCase, written: dict[str, object]) -> None:
        self.clock = Clock()
        self.balancer = made(written, self.clock)
        self.upstream = an_upstream([self._server(number) for number in range(4)], self.balancer, self.clock)
        self.taken: list[Server] = []
        self.cookies: list[bytes] = []
        self._case = case
        self._came = 4

    def run(self, steps: list[tuple[str, int]]) -> None:
        actions: dict[str, Callable[[int], None]] = {name: getattr(self, name) for name in ACTIONS}
        for name, number in steps:
            actions[name](number)

    def pick(self, number: int) -> None:
        servers = self.upstream.members.servers
        tried = [server for place, server in enumerate(servers) if number >> place & 1]
        fields = [(b"cookie", self.cookies[number % len(self.cookies)])] if self.cookies else []
        target = b"/%d" % (number % 5) + (b"?id=%d" % number if number % 2 else b"")
        exchange = stand_in_exchange(target, fields)
        usable = [server for server in servers if self._usable(server) and server not in tried]
        try:
            picked = self.upstream.pick(exchange, tried)
        except NoServer:
            self._case.assertEqual(usable, [])
            return
        self._case.assertIn(picked, usable)
        assert picked is not None
        picked.occupy()
        self.taken.append(picked)
        exchange.server = picked.name
        response = stand_in_response(fields=())
        for response_filter in self.upstream.response_filters:
            response_filter.filter_response(exchange, response)
        self.cookies += [value.partition(b";")[0] for value in response.fields.get_all(b"set-cookie")]

    def end(self, number: int) -> None:
        if not self.taken:
            return
        server = self.taken.pop(number % len(self.taken))
        for observer in self.upstream.observers:
            if number % 2:
                observer.answered(server, 200 if number % 3 else 503, number / 1000)
            else:
                observer.failed(server, UpstreamRefused("for a test"), number / 1000)
        server.vacate()

    def wait(self, number: int) -> None:
        self.clock.advance(number / 10)

    def state(self, number: int) -> None:
        server = self._some(number)
        self.upstream.members.set_state(server.name, ("up", "drain", "down")[number % 3])

    def eject(self, number: int) -> None:
        standing = self._some(number).standing
        if number % 3 == 0:
            standing.eject("for a test")
        elif number % 3 == 1:
            standing.try_again()
        else:
            standing.readmit()

    def judge(self, number: int) -> None:
        self._some(number).standing.judge(bool(number % 3), "for a test")

    def weigh(self, number: int) -> None:
        self.upstream.members.weigh(self._some(number).name, 1 + number % 20)

    def add(self, number: int) -> None:
        self.upstream.members.add(self._server(self._came))
        self._came += 1

    def remove(self, number: int) -> None:
        if len(self.upstream.members.servers) > 1:
            self.upstream.members.remove(self._some(number).name)

    def _server(self, number: int) -> Server:
        limits = ConnectionLimits(most=3)
        return Server(f"http://{number}.test", b"test", 1 + number % 3, limits, WaitingClient())

    def _some(self, number: int) -> Server:
        servers = self.upstream.members.servers
        return servers[number // 7 % len(servers)]

    def _usable(self, server: Server) -> bool:
        standing = server.standing
        return standing.wanted and not standing.ejected and server.active < server.most


ACTIONS: Final = ("pick", "end", "wait", "state", "eject", "judge", "weigh", "add", "remove")


def steps() -> SearchStrategy[list[tuple[str, int]]]:
    """
    @return: any history; half of its steps are picks.
    """
    return lists(tuples(sampled_from((*("pick",) * 8, *ACTIONS)), integers(0, 2000)), max_size=80)
