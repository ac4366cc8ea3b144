"""
C{balancer: least-of-drawn}: draws some servers and takes the least busy of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from zope.interface import implementer

from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, IServer
from revproxy.registry import Environment, Settings, component, option


class LeastOfDrawnSettings(Settings):
    """
    Draws some servers and takes the least busy of them.
    """

    drawn: int = option(2, "How many servers are drawn for each request.", ge=1)


@implementer(IBalancer)
class LeastOfDrawn:
    """
    Draws some servers and takes the least busy of them.

    Nearly as even as asking all of them, and it sends no herd to the one that was the
    least busy a moment ago (Mitzenmacher, "The Power of Two Choices in Randomized Load
    Balancing", 2001).
    """

    def __init__(self, random: Random, drawn: int) -> None:
        self._random = random
        self._drawn = drawn

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        drawn = self._random.sample(candidates, min(self._drawn, len(candidates)))
        return min(drawn, key=lambda server: server.active)


@component(LeastOfDrawnSettings)
def least_of_drawn(settings: LeastOfDrawnSettings, environment: Environment) -> LeastOfDrawn:
    """
    Make the balancer of an upstream.
    """
    return LeastOfDrawn(environment.random, settings.drawn)
