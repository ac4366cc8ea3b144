"""
C{balancer: power-of-two}: the less busy of two servers that are drawn.
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
class PowerOfTwo:
    """
    Draws two servers by their weights, and takes the one that is less busy for its weight.

    Nearly as even as asking all of them, and many proxies that do so beside each other
    send no herd to the server that was the least busy a moment ago (Mitzenmacher, "The
    Power of Two Choices in Randomized Load Balancing", 2001).
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
        one, other = self._draw.two()
        return one if one.active * other.weight <= other.active * one.weight else other


@component(Settings)
def power_of_two(settings: Settings, environment: Environment) -> PowerOfTwo:
    """
    Make the balancer of one upstream.
    """
    return PowerOfTwo(environment.random)
