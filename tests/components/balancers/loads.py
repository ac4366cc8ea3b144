"""
How balancers share exchanges out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from revproxy.interfaces import IBalancer, ILoadObserver, IServer
from revproxy.testing import StandInServer, stand_in_exchange


class SharesTestCase(SynchronousTestCase):
    def assertShares(self, shares: Sequence[float], due: Sequence[float], within: float = 0.02) -> None:
        """
        Each share is what is due, within 2 % or so.
        """
        self.assertEqual(len(shares), len(due))
        for share, wanted in zip(shares, due, strict=True):
            self.assertLess(abs(share - wanted), within, shares)


def told(balancer: IBalancer, servers: Sequence[IServer]) -> Sequence[StandInServer]:
    """
    Let a balancer hear of the servers' load, where it wants to.
    """
    found = [cast(StandInServer, server) for server in servers]
    for server in found:
        if ILoadObserver.providedBy(balancer):
            server.observer = cast(ILoadObserver, balancer)
    return found


def equal_service(balancer: IBalancer, servers: Sequence[IServer], busy: int, picks: int) -> list[float]:
    """
    As many exchanges are under way at any time, and each is as likely as any other to be
    over next.

    @param busy: how many exchanges are under way.
    @return: the share of each server.
    """
    random, under_way = Random(7), list[StandInServer]()
    candidates, counted = tuple(told(balancer, servers)), Counter[IServer]()
    for _ in range(picks):
        server = cast(StandInServer, balancer.pick(candidates, stand_in_exchange()))
        counted[server] += 1
        server.occupy()
        under_way.append(server)
        if len(under_way) > busy:
            under_way.pop(random.randrange(len(under_way))).vacate()
    return [counted[server] / picks for server in servers]
