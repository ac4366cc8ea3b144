"""
All that is built of one configuration.
"""

from __future__ import annotations

from collections.abc import Iterator

from twisted.application.service import MultiService
from twisted.web.iweb import IAccessLogFormatter

from revproxy.config.configuration import Configuration
from revproxy.edge.router import Router
from revproxy.edge.tls.watch import CertificateWatch, TakesOver
from revproxy.exchange import Exchange
from revproxy.operate.access_log import AccessLog
from revproxy.operate.log_file import LogFile
from revproxy.service.context import Workshop
from revproxy.service.listeners import Terms
from revproxy.service.routes import build_tree
from revproxy.service.upstreams import BuiltUpstream, build_upstream


class Generation:
    """
    The parts that a configuration asks for; those that another asked for in just the
    same words are taken over from it, with their connections.

    @ivar terms: how each listener treats its connections.
    @ivar services: what has a life of its own.
    """

    def __init__(
        self, configuration: Configuration, workshop: Workshop, before: Generation | None = None
    ) -> None:
        """
        @raise RevproxyError: something cannot be built; nothing was started.
        """
        self.configuration = configuration
        self._workshop = workshop
        self._upstreams = dict(self._build_upstreams(before))
        tree = build_tree(
            configuration, {name: built.upstream for name, built in self._upstreams.items()}, workshop
        )
        self.access_log = self._build_access_log(before)
        answer = Router(tree).answer
        finished = _ignore if self.access_log is None else self.access_log.record
        self.terms = {
            name: Terms(name, configuration, answer, finished, workshop) for name in configuration.listeners
        }
        self.watches = MultiService()
        for watch in self._watches():
            watch.setServiceParent(self.watches)

    def close_unless_in(self, other: Generation | None) -> None:
        """
        Let go of the upstreams that another generation has not taken over.
        """
        kept = set() if other is None else {id(built.upstream) for built in other._upstreams.values()}
        for built in self._upstreams.values():
            if id(built.upstream) not in kept:
                built.upstream.close()

    def _build_upstreams(self, before: Generation | None) -> Iterator[tuple[str, BuiltUpstream]]:
        for name, settings in self.configuration.upstreams.items():
            if before is not None and before.configuration.upstreams.get(name) == settings:
                yield name, before._upstreams[name]
            else:
                yield name, build_upstream(name, settings, self._workshop)

    def _build_access_log(self, before: Generation | None) -> AccessLog | None:
        settings = self.configuration.access_log
        if settings is None:
            return None
        if before is not None and before.configuration.access_log == settings:
            return before.access_log
        workshop = self._workshop
        formatter = workshop.registry.build(IAccessLogFormatter, settings.format, workshop.environment)
        destination = LogFile(settings.path)
        destination.open()
        return AccessLog(workshop.reactor, destination, formatter)

    def _watches(self) -> Iterator[CertificateWatch]:
        reactor, now = self._workshop.reactor, self._workshop.now
        intervals: list[float] = []
        for name, terms in self.terms.items():
            tls = self.configuration.listeners[name].tls
            if tls is not None and terms.tls is not None:
                intervals.append(tls.reload_interval)
                yield CertificateWatch(reactor, tls.reload_interval, [terms.tls], now)
        upstreams: list[TakesOver] = [
            built.tls for built in self._upstreams.values() if built.tls is not None
        ]
        if upstreams:
            yield CertificateWatch(reactor, max(intervals, default=5.0), upstreams, now)


def _ignore(exchange: Exchange) -> None:
    """
    Nobody wants to know.
    """
