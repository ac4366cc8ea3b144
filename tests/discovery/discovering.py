"""
An upstream whose servers are found by a resolver of the test's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.catalog import built_ins
from revproxy.config.context import Context
from revproxy.config.servers import SERVER_LIST, ServerSettings
from revproxy.discovery.discovery import Discovery
from revproxy.discovery.entry_servers import EntryServers
from revproxy.discovery.finders import Finder, NameFinder, ServiceFinder
from revproxy.discovery.look_ups import LookUps, Pace
from revproxy.discovery.sources import Entry, LookedUpEntry, Source, WrittenEntry
from revproxy.flow.pool.server import ConnectionLimits, Server
from revproxy.flow.pool.terms import UpstreamTerms
from revproxy.flow.pool.upstream import Upstream
from tests.discovery.resolvers import FakeResolver
from tests.flow.upstream_side import WaitingClient, an_upstream


def entries(*written: Any) -> list[ServerSettings]:
    """
    @param written: entries as a file has them.
    """
    return SERVER_LIST.validate_python(list(written), context=Context(built_ins(), Path("/")))


class DiscoveryCase(SynchronousTestCase):
    """
    @ivar made: what servers were made with: the settings, the address and the port.
    """

    @override
    def setUp(self) -> None:
        self.clock = Clock()
        self.resolver = FakeResolver()
        self.upstream: Upstream = an_upstream([], clock=self.clock, terms=UpstreamTerms(most_waiting=10))
        self.members = self.upstream.members
        self.made: list[tuple[ServerSettings, str | None, int | None]] = []

    def make(self, settings: ServerSettings, address: str | None = None, port: int | None = None) -> Server:
        """
        Make a server, as L{MakeServer}.
        """
        self.made.append((settings, address, port))
        url = settings.url
        name = url.text if address is None else f"{url.text} at {address}:{port}"
        return Server(
            name,
            url.authority,
            settings.weight,
            ConnectionLimits(),
            WaitingClient(),
            (settings.backup, settings.priority),
            settings.slow_start or 0.0,
            settings.state,
        )

    def source(self, settings: ServerSettings) -> Entry:
        """
        What has the servers of an entry.
        """
        found = EntryServers(settings, self.make, self.members)
        url = settings.url
        if not url.looked_up:
            return WrittenEntry(found)
        finder: Finder = NameFinder(self.resolver, url.host, url.port)
        if url.service:
            finder = ServiceFinder(self.resolver, url.host)
        look_ups = LookUps(url.host, finder, self.clock, Pace(), self.refusal, self.upstream.events)
        return LookedUpEntry(found, look_ups)

    def refusal(self, address: str) -> str | None:
        return f"{address} is forbidden" if address.startswith("169.254.") else None

    def discovery(self, *written: Any, sources: Sequence[Source] = ()) -> Discovery:
        """
        What finds the servers of some entries; it is not started.
        """
        return Discovery([*map(self.source, entries(*written)), *sources], self.members)

    def started(self, *written: Any, sources: Sequence[Source] = ()) -> Discovery:
        """
        The same, at work.
        """
        discovery = self.discovery(*written, sources=sources)
        discovery.startService()
        return discovery

    def again(self) -> None:
        """
        Wait for what is looked up again.
        """
        self.clock.advance(30.0)

    def names(self) -> list[str]:
        return [server.name for server in self.members.servers]

    def logged(self, step: Any, *arguments: Any) -> list[str]:
        """
        Do something, and give what is logged of it.
        """
        with capturedLogs() as events:
            step(*arguments)
        return [str(formatEvent(event)).removeprefix("upstream app: ") for event in events]
