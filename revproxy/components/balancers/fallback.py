"""
A balancer that leaves some requests to another.
"""

from __future__ import annotations

from typing import cast

from zope.interface import alsoProvides

from revproxy.errors import ExchangeError
from revproxy.interfaces import IBalancer, ILoadObserver, IOutcomeObserver, IResponseFilter, IServer


class WithFallback:
    """
    What balancers inherit that leave some requests to another: it hears what they hear,
    and they ask to hear what it wants to.

    @ivar fallback: the other one.
    """

    def __init__(self, fallback: IBalancer) -> None:
        """
        @raise ValueError: it cannot be within another, since it changes responses.
        """
        if IResponseFilter.providedBy(fallback):
            raise ValueError(f"{type(fallback).__name__} cannot be a fallback: it changes responses")
        self.fallback = fallback
        self._load = cast(ILoadObserver, fallback) if ILoadObserver.providedBy(fallback) else None
        self._outcomes = cast(IOutcomeObserver, fallback) if IOutcomeObserver.providedBy(fallback) else None
        if self._load is not None:
            alsoProvides(self, ILoadObserver)
        if self._outcomes is not None:
            alsoProvides(self, IOutcomeObserver)

    def occupied(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.occupied}.
        """
        if self._load is not None:
            self._load.occupied(server)

    def vacated(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.vacated}.
        """
        if self._load is not None:
            self._load.vacated(server)

    def answered(self, server: IServer, status: int, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.answered}.
        """
        if self._outcomes is not None:
            self._outcomes.answered(server, status, seconds)

    def failed(self, server: IServer, error: ExchangeError, seconds: float) -> None:
        """
        Implement L{IOutcomeObserver.failed}.
        """
        if self._outcomes is not None:
            self._outcomes.failed(server, error, seconds)

    def forgotten(self, server: IServer) -> None:
        """
        Implement L{ILoadObserver.forgotten} and L{IOutcomeObserver.forgotten}.
        """
        observer = self._load or self._outcomes
        if observer is not None:
            observer.forgotten(server)
