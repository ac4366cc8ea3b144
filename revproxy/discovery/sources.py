"""
Where servers come from: the entries of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from twisted.application.service import MultiService

from revproxy.config.servers import ServerSettings
from revproxy.discovery.entry_servers import EntryServers
from revproxy.discovery.look_ups import LookUps
from revproxy.flow.pool.server import Server


class Source(MultiService):
    """
    What has servers, which may become others while it runs.

    @ivar changed: called with the reason whenever there are other servers; and whether
        these may start slowly, as others were there before.  Also called when it is
        known for the first time that there are none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.changed: Callable[[str, bool], None] = _nothing

    @property
    def servers(self) -> Sequence[Server]:
        """
        Those that there are now.
        """
        return ()

    @property
    def settled(self) -> bool:
        """
        Whether it has been looked for them, be it in vain.
        """
        return True

    def look(self) -> None:
        """
        Look now whether there are others.
        """

    def looked_up(self) -> Iterator[LookedUpEntry]:
        """
        @return: the names in it that are looked up.
        """
        return iter(())


class Entry(Source):
    """
    One entry, for a server or for what is found by a name.
    """

    def __init__(self, found: EntryServers) -> None:
        super().__init__()
        self._found = found

    @property
    def servers(self) -> Sequence[Server]:
        """
        See L{Source.servers}.
        """
        return self._found.servers

    @property
    def settings(self) -> ServerSettings:
        """
        What the entry says.
        """
        return self._found.settings

    def adjust(self, settings: ServerSettings) -> bool:
        """
        See L{EntryServers.adjust}.
        """
        return self._found.adjust(settings)

    def inherit(self, before: Entry) -> None:
        """
        Begin with what another has found out about the same name.
        """


class WrittenEntry(Entry):
    """
    A server of which the entry says where it is.
    """

    def __init__(self, found: EntryServers) -> None:
        super().__init__(found)
        found.become([None])


class LookedUpEntry(Entry):
    """
    The servers of a name.
    """

    def __init__(self, found: EntryServers, look_ups: LookUps) -> None:
        super().__init__(found)
        self._look_ups = look_ups
        self._settled = self._known = False
        look_ups.heard = self._heard
        look_ups.setServiceParent(self)

    @property
    def settled(self) -> bool:
        """
        See L{Source.settled}.
        """
        return self._settled

    def look(self) -> None:
        """
        See L{Source.look}.
        """
        self._look_ups.look()

    def looked_up(self) -> Iterator[LookedUpEntry]:
        """
        See L{Source.looked_up}.
        """
        yield self

    def inherit(self, before: Entry) -> None:
        """
        See L{Entry.inherit}.
        """
        if isinstance(before, LookedUpEntry) and before._look_ups.places:
            self._look_ups.begin_with(before._look_ups.places)
            self._found.become(self._look_ups.places)
            self._settled = self._known = bool(self._look_ups.places)

    def _heard(self) -> None:
        """
        A look-up is over.
        """
        others = self._found.become(self._look_ups.places)
        was_settled, was_known = self._settled, self._known
        self._settled, self._known = True, was_known or bool(self.servers)
        if others or not was_settled:
            self.changed(f"{self.settings.url.host} was looked up", was_known)


def _nothing(reason: str, slowly: bool) -> None:
    """
    Nobody cares.
    """
