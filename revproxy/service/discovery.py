"""
From the entries of an upstream's servers to what finds the servers.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from revproxy.config.resolving import ResolveSettings
from revproxy.config.server_file import read_servers
from revproxy.config.server_url import ServerURL
from revproxy.config.servers import ServerEntry, ServerFileSettings, ServerSettings
from revproxy.config.upstreams import UpstreamSettings, UpstreamTLSSettings
from revproxy.discovery.answers import ANY_FAMILY, Resolver
from revproxy.discovery.datagrams import ask_by_datagram
from revproxy.discovery.discovery import Discovery
from revproxy.discovery.dns import DnsResolver
from revproxy.discovery.entry_servers import EntryServers
from revproxy.discovery.finders import Finder, NameFinder, ServiceFinder
from revproxy.discovery.look_ups import LookUps, Pace
from revproxy.discovery.nameservers import system_nameservers
from revproxy.discovery.server_file import ServerFile
from revproxy.discovery.sources import Entry, LookedUpEntry, Source, WrittenEntry
from revproxy.discovery.streams import ask_by_stream
from revproxy.discovery.system import SystemResolver
from revproxy.flow.pool.upstream import Upstream
from revproxy.service.context import Workshop
from revproxy.service.servers import ServerMaker
from revproxy.wire.forbidden import ForbiddenNetworks

_FAMILIES = {"any": ANY_FAMILY, "ipv4": frozenset((4,)), "ipv6": frozenset((6,))}


def build_discovery(
    settings: UpstreamSettings, maker: ServerMaker, upstream: Upstream, workshop: Workshop
) -> Discovery:
    """
    @param maker: makes the servers.
    @param upstream: gets them.
    @raise ConfigurationError: a file of servers cannot be used.
    @raise AddressForbidden: a server is written where none may be.
    """
    builder = _Builder(settings, maker, upstream, workshop)
    return Discovery([builder.source(entry) for entry in settings.servers], upstream.members)


class _Builder:
    """
    Builds what has the servers of each entry.
    """

    def __init__(
        self, settings: UpstreamSettings, maker: ServerMaker, upstream: Upstream, workshop: Workshop
    ) -> None:
        self._settings = settings
        self._maker = maker
        self._upstream = upstream
        self._workshop = workshop
        self._resolver = build_resolver(settings.resolve, workshop)

    def source(self, entry: ServerEntry) -> Source:
        """
        @raise ConfigurationError: a file of servers cannot be used.
        """
        if isinstance(entry, ServerFileSettings):
            return ServerFile(entry, self._read, self._entry, self._workshop.reactor, self._upstream.events)
        return self._entry(entry)

    def _read(self, path: Path) -> list[ServerSettings]:
        return read_servers(path, self._workshop.registry, ForbiddenNetworks(self._settings.forbid))

    def _entry(self, settings: ServerSettings) -> Entry:
        found = EntryServers(settings, self._maker.server, self._upstream.members)
        if not settings.url.looked_up:
            return WrittenEntry(found)
        resolve = self._settings.resolve
        pace = Pace(resolve.least_ttl, resolve.most_ttl, resolve.timeout)
        look_ups = LookUps(
            settings.url.host,
            self._finder(settings.url),
            self._workshop.reactor,
            pace,
            self._maker.refusal,
            self._upstream.events,
        )
        return LookedUpEntry(found, look_ups)

    def _finder(self, url: ServerURL) -> Finder:
        if not url.service:
            return NameFinder(self._resolver, url.host, url.port)
        return ServiceFinder(self._resolver, url.host, domain_of_targets(url, self._settings.tls))


def build_resolver(settings: ResolveSettings, workshop: Workshop) -> Resolver:
    """
    @return: what looks up names as an upstream wants it.
    """
    families = _FAMILIES[settings.family]
    chosen = settings.nameservers
    reactor = workshop.reactor
    by_dns = DnsResolver(
        reactor,
        partial(ask_by_datagram, reactor),
        partial(ask_by_stream, reactor),
        families,
        settings.every,
        settings.timeout,
        system_nameservers if chosen is None else lambda: chosen,
    )
    if settings.by == "dns":
        return by_dns
    return SystemResolver(reactor, families, settings.every, by_dns)


def domain_of_targets(url: ServerURL, tls: UpstreamTLSSettings) -> str | None:
    """
    @param url: that of a service.
    @return: the domain that its targets have to be of, as nothing else vouches for them;
        C{None} where they may be of any.
    """
    if not url.secure or not tls.verify or tls.server_name is not None or tls.ca is not None:
        return None
    labels = url.host.split(".")
    named = [label for label in labels if not label.startswith("_")]
    return ".".join(labels[1:] if named == labels else named)
