"""
Properties of what an upstream picks, whatever happened before.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import NoServer
from revproxy.flow.pool.server import Server
from revproxy.flow.pool.standing import DOWN, DRAIN, UP
from revproxy.flow.pool.terms import UpstreamTerms
from tests.fakes import an_exchange
from tests.flow.upstream_side import AttendedServer, an_upstream

CHANGES: list[Callable[[Server], object]] = [
    lambda server: server.occupy(),
    lambda server: server.vacate() if server.active else None,
    lambda server: server.standing.judge(False, "down"),
    lambda server: server.standing.judge(True, "up"),
    lambda server: server.standing.administer(DRAIN),
    lambda server: server.standing.administer(DOWN),
    lambda server: server.standing.administer(UP),
    lambda server: server.standing.eject("ejected"),
    lambda server: server.standing.try_again(),
    lambda server: server.standing.readmit(),
]

STEPS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(CHANGES), st.sets(st.integers(0, 5), max_size=4)),
    max_size=60,
)


class PicksTests(SynchronousTestCase):
    @settings(max_examples=150, deadline=None)
    @given(STEPS, st.randoms(use_true_random=False))
    def test_only_what_can_be_used(
        self, steps: list[tuple[int, Callable[[Server], object], set[int]]], random: Random
    ) -> None:
        """
        No server is picked that is down, drains, is full, was tried, or is ejected while not too
        many are; and one is whenever there is such a one.  One on trial that has nothing to
        answer is such a one.
        """
        clock = Clock()
        servers = [AttendedServer(f"http://{number}", most=2).server for number in range(6)]
        for number, server in enumerate(servers):
            server.tier = (number == 5, number // 2)
            server.slow_start = 1.0
        upstream = an_upstream(servers, clock=clock, terms=UpstreamTerms(most_ejected=0.5))
        for number, change, tried_numbers in steps:
            change(servers[number])
            clock.advance(random.random())
            tried = [servers[number] for number in tried_numbers]
            wanted = [server for server in servers if server.standing.wanted]
            out = sum(server.standing.ejected or server.standing.on_trial for server in wanted)
            panics = out > 0.5 * len(wanted)
            usable = [
                server
                for server in wanted
                if (panics or not server.standing.ejected)
                and (not server.full if server.standing.on_trial and server.active else server.active < 2)
                and server not in tried
            ]
            try:
                picked = upstream.pick(an_exchange(), tried)
            except NoServer:
                picked = None
            if usable:
                self.assertIn(picked, usable)
                assert picked is not None
                self.assertEqual(picked.tier, min(server.tier for server in usable))
            else:
                self.assertIsNone(picked)
            self.assertTrue(all(1 <= server.weight <= server.whole_weight for server in servers))
        upstream.close()
        self.assertEqual(clock.getDelayedCalls(), [])
