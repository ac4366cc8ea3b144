"""
Giving what comes from a server to the cache, and to all who wait for it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from revproxy.errors import UpstreamMalformed
from revproxy.exchange import Response
from revproxy.flow.caching.audience import Audience
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.combining import Rest
from revproxy.flow.caching.shared_body import SharedBody
from revproxy.flow.relay import Relay
from revproxy.interfaces import IKeeping, IKept, IOutlet, ITunnelEnd
from revproxy.wire.pairs import Pair

if TYPE_CHECKING:
    from revproxy.flow.caching.listener import Listener


MOST_BEHIND: Final = 1 << 20
"""
So many octets are held for those who are behind the others: who falls behind further gets
the rest from the cache, once it is there.
"""


class Distribution:
    """
    Stands where the client stands for a relay.

    @ivar body: what has come of the body.
    @ivar trailers: once the body is whole.
    @ivar _behind: what goes behind the body into what is kept.
    @ivar _instead: whether all are answered with something else than the response.
    @ivar _late: who gets the rest from the cache.
    @ivar _own: whether it is asked for on the cache's own account, and no answer has come.
    """

    __slots__ = (
        "_audience", "_behind", "_cache", "_instead", "_keeping", "_key", "_late", "_own", "_paused",
        "_relay", "body", "trailers",
    )  # fmt: skip

    def __init__(self, cache: Cache, key: bytes, joinable: bool) -> None:
        """
        @param joinable: whether equal requests can be answered with the same response.
        """
        self.body = SharedBody(cache, joinable)
        self.trailers: Sequence[Pair] | None = None
        self._audience = Audience(self.body)
        self._cache = cache
        self._key = key
        self._relay: Relay | None = None
        self._keeping: IKeeping | None = None
        self._behind: Rest | None = None
        self._instead = False
        self._late: list[Listener] | None = None
        self._own = False
        self._paused = False

    # What those who listen call.

    def leave(self, listener: Listener) -> None:
        """
        Somebody does not wait for the response any more.
        """
        self._audience.leave(listener)
        if self._late is not None and listener in self._late:
            self._late.remove(listener)
        if len(self._audience) or self._keeping is not None or self._own or self._late:
            self.read_on()
        else:
            self._stop()

    def read_on(self) -> None:
        """
        Read on, where that is possible again.
        """
        self._audience.tidy()
        self._pace()

    # What the relay calls.

    @abstractmethod
    def begin(self, response: Response) -> None:
        """
        Implement L{IDownstream.begin}.
        """

    def interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        """
        Implement L{IDownstream.interim}.
        """
        for listener in self._audience.present():
            if not listener.joined:
                listener.interim(status, reason, fields)

    def write(self, data: bytes) -> None:
        """
        Implement L{IDownstream.write}.
        """
        if self._instead:
            return
        if self._keeping is not None and not self._cache.write(self._keeping, data):
            self._keep_no_more()
            if not len(self._audience):
                self._stop()
                return
        self._audience.hear(data)
        if not self.body.joinable:
            self._not_joinable()
            if self.body.octets > MOST_BEHIND and self._keeping is not None and len(self._audience) > 1:
                self._put_off(self._audience.slowest())
        self._pace()

    def flush(self) -> None:
        """
        Implement L{IDownstream.flush}.
        """
        for listener in self._audience.present():
            listener.flush()

    def outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IDownstream.outlet}.  What is kept, or goes to several, has to be seen.
        """
        if self._instead or self._keeping is not None or self.body.joinable or len(self._audience) != 1:
            return None
        return self._audience.present()[0].outlet(octets)

    def end(self, trailers: Sequence[Pair] = ()) -> None:
        """
        Implement L{IDownstream.end}.
        """
        self._over()
        if self._instead:
            return
        keeping, self._keeping = self._keeping, None
        kept = None
        if keeping is not None:
            kept = self._commit(keeping)
        self.trailers = trailers
        for listener in self._audience.present():
            listener.go_on()
        for listener in self._dismiss_late():
            listener.go_on_with(kept)

    def cut(self) -> None:
        """
        Implement L{IDownstream.cut}.
        """
        self._over()
        self._keep_no_more()
        if not self._instead:
            for listener in self._audience.dismiss():
                listener.cut()

    def switch(self, response: Response) -> ITunnelEnd:
        """
        Implement L{IDownstream.switch}.

        @raise UpstreamMalformed: always, since nobody asked for it.
        """
        raise UpstreamMalformed("a 101 to a request that did not ask for it")

    def pause_body(self) -> None:
        """
        Implement L{IDownstream.pause_body}: there is no body.
        """

    def resume_body(self) -> None:
        """
        Implement L{IDownstream.resume_body}: there is no body.
        """

    # What follows from it.

    def _not_joinable(self) -> None:
        if self._cache.fills.get(self._key) is self:
            del self._cache.fills[self._key]

    def _keep_no_more(self) -> None:
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            self._cache.abort(keeping)
            for listener in self._dismiss_late():
                listener.go_on_with(None)

    @abstractmethod
    def _commit(self, keeping: IKeeping) -> IKept | None:
        """
        The body is whole.

        @return: what is kept, if it is.
        """

    def _put_off(self, listener: Listener) -> None:
        """
        Somebody is too far behind to have the rest held for.
        """
        self._audience.leave(listener)
        if self._late is None:
            self._late = []
        self._late.append(listener)
        listener.put_off()
        self._audience.tidy()

    def _dismiss_late(self) -> list[Listener]:
        late, self._late = self._late, None
        return [] if late is None else late

    def _pace(self) -> None:
        """
        Read no more than the fastest can take; nor than the slowest, where the rest will not
        be in the cache.
        """
        audience = self._audience
        wait = audience.is_full() or (
            self._keeping is None and self.body.octets > MOST_BEHIND and len(audience) > 1
        )
        if wait != self._paused:
            self._paused = wait
            if self._relay is not None:
                if wait:
                    self._relay.pause_response()
                else:
                    self._relay.resume_response()

    def _over(self) -> None:
        """
        Nothing more comes.
        """
        self._relay = None
        self.body.close()
        self._not_joinable()

    def _stop(self) -> None:
        """
        Nobody wants the rest.
        """
        relay = self._relay
        self._over()
        self._keep_no_more()
        if relay is not None:
            relay.client_left()
