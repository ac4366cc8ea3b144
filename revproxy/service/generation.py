"""
All that is built of one configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from twisted.application.service import MultiService
from twisted.web.iweb import IAccessLogFormatter

from revproxy.config.configuration import Configuration
from revproxy.edge.router import Router
from revproxy.edge.tls.watch import CertificateWatch, TakesOver
from revproxy.exchange import Exchange
from revproxy.flow.caching.countries import open_countries
from revproxy.flow.pool.upstream import Upstream
from revproxy.operate.access_log import AccessLog
from revproxy.operate.log_file import LogFile
from revproxy.service.caches import BuiltCache, CacheUses, build_cache
from revproxy.service.context import Workshop
from revproxy.service.routes import build_tree
from revproxy.service.terms import Terms
from revproxy.service.upstreams import BuiltUpstream, build_upstream


class Generation:
    """
    The parts that a configuration asks for; those that another asked for in just the
    same words are taken over from it, with their connections.

    To build it opens nothing.

    @ivar terms: how each listener treats its connections.
    @ivar access_log: C{None} where none is kept.
    @ivar watches: looks at the files of certificates, once it is started.
    @ivar _heirs: the upstreams that go on from where others were, each with the other.
    """

    def __init__(
        self,
        configuration: Configuration,
        workshop: Workshop,
        finished: Callable[[Exchange], None],
        before: Generation | None = None,
    ) -> None:
        """
        @param finished: called once for each exchange that is over.
        @param before: what to take over from.
        @raise RevproxyError: something cannot be built.
        """
        self.configuration = configuration
        self._workshop = workshop
        self._heirs: list[tuple[Upstream, Upstream]] = []
        self._upstreams = dict(self._build_upstreams(before))
        self._caches = dict(self._build_caches(before))
        upstreams = {name: built.upstream for name, built in self._upstreams.items()}
        geoip = configuration.geoip
        countries = None if geoip is None else open_countries(geoip)
        uses = CacheUses(configuration, self._caches, countries)
        tree = build_tree(configuration, upstreams, uses, workshop)
        answer = Router(tree).answer
        self.terms = {
            name: Terms(name, configuration, answer, finished, workshop) for name in configuration.listeners
        }
        self.access_log = self._build_access_log(before)
        self.watches = MultiService()
        for watch in self._watches():
            watch.setServiceParent(self.watches)

    def take_care(self) -> None:
        """
        Look after the servers, and open what caches need.  Where that is done already it goes
        on, with a look now whether there are other servers.
        """
        for cache in self._caches.values():
            if not cache.life.running:
                cache.life.startService()
        for upstream, other in self._heirs:
            upstream.inherit(other)
        self._heirs.clear()
        for built in self._upstreams.values():
            if built.care.running:
                built.discovery.look()
            else:
                built.care.startService()

    def open_log(self) -> None:
        """
        Begin to write the access log, if there is one.

        @raise RevproxyError: its file cannot be opened.
        """
        if self.access_log is not None and not self.access_log.running:
            self.access_log.startService()

    def close_caches_unless_in(self, other: Generation | None) -> None:
        """
        Close the caches that another generation does not share: of two stores in one place
        the first has to go before the second comes.
        """
        kept = [] if other is None else [built.cache for built in other._caches.values()]
        for built in self._caches.values():
            if built.cache not in kept and built.life.running:
                built.life.stopService()

    def close_unless_in(self, other: Generation | None) -> None:
        """
        Let go of what another generation does not share.
        """
        self.close_caches_unless_in(other)
        kept = [] if other is None else [built.upstream for built in other._upstreams.values()]
        for built in self._upstreams.values():
            if built.upstream not in kept:
                if built.care.running:
                    built.care.stopService()
                built.upstream.close()
        log = self.access_log
        if log is not None and log.running and (other is None or other.access_log is not log):
            log.stopService()

    def _build_upstreams(self, before: Generation | None) -> Iterator[tuple[str, BuiltUpstream]]:
        for name, settings in self.configuration.upstreams.items():
            if before is not None and before.configuration.upstreams.get(name) == settings:
                yield name, before._upstreams[name]
                continue
            built = build_upstream(name, settings, self._workshop)
            if before is not None and name in before._upstreams:
                _inherit(built, before._upstreams[name], settings.health_check is not None)
                self._heirs.append((built.upstream, before._upstreams[name].upstream))
            yield name, built

    def _build_caches(self, before: Generation | None) -> Iterator[tuple[str, BuiltCache]]:
        for name, spec in self.configuration.caches.items():
            if before is not None and before.configuration.caches.get(name) == spec:
                yield name, before._caches[name]
            else:
                yield name, build_cache(name, spec, self._workshop)

    def _build_access_log(self, before: Generation | None) -> AccessLog | None:
        settings = self.configuration.access_log
        if settings is None:
            return None
        if before is not None and before.configuration.access_log == settings:
            return before.access_log
        workshop = self._workshop
        formatter = workshop.registry.build(IAccessLogFormatter, settings.format, workshop.environment)
        return AccessLog(workshop.reactor, LogFile(settings.path), formatter)

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


def _inherit(built: BuiltUpstream, before: BuiltUpstream, is_checked: bool) -> None:
    """
    Begin with what is known already of an upstream of the same name.

    @param is_checked: whether there are health checks.
    """
    built.discovery.inherit(before.discovery)
    built.upstream.members.inherit(before.upstream.members, is_checked)
