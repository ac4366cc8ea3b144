"""
C{balancer: random}: any server, by its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from zope.interface import implementer

from revproxy.components.balancers.draw import Draw
from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, IServer
from revproxy.registry import Environment, Settings, component


@implementer(IBalancer)
class AtRandom:
    """
    Draws a server for each request, one of weight 3 three times as often as one of
    weight 1.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._draw = Draw(random, ())

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        if candidates is not self._draw.servers:
            self._draw = Draw(self._random, candidates)
        return self._draw.one()


@component(Settings)
def at_random(settings: Settings, environment: Environment) -> AtRandom:
    """
    Make the balancer of one upstream.
    """
    return AtRandom(environment.random)
