"""
C{balancer: first}: the first server that has room.
"""

from __future__ import annotations

from collections.abc import Sequence

from zope.interface import implementer

from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, IServer
from revproxy.registry import Environment, Settings, component


@implementer(IBalancer)
class First:
    """
    Takes servers in the order of the file: the next one only while those before it are
    full or cannot be used.  Weights mean nothing here.
    """

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        """
        Implement L{IBalancer.pick}.
        """
        return candidates[0]


@component(Settings)
def first(settings: Settings, environment: Environment) -> First:
    """
    Make the balancer of one upstream.
    """
    return First()
