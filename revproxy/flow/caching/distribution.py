"""
Giving what comes from a server to the cache, and to all who wait for it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from revproxy.errors import UpstreamMalformed
from revproxy.exchange import Response
from revproxy.flow.caching.audience import Audience
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.combining import Rest, finish
from revproxy.flow.caching.shared_body import SharedBody
from revproxy.flow.relay import Relay
from revproxy.interfaces import IKeeping, IOutlet, ITunnelEnd
from revproxy.wire.pairs import Pair

if TYPE_CHECKING:
    from revproxy.flow.caching.listener import Listener


class Distribution:
    """
    Stands where the client stands for a relay.

    @ivar body: what has come of the body.
    @ivar stored: whether the response is being kept.
    @ivar trailers: once the body is whole.
    @ivar _behind: what goes behind the body into what is kept.
    @ivar _instead: whether all are answered with something else than the response.
    """

    __slots__ = (
        "_audience", "_behind", "_cache", "_instead", "_keeping", "_key", "_paused", "_relay", "body",
        "stored", "trailers",
    )  # fmt: skip

    def __init__(self, cache: Cache, key: bytes, joinable: bool) -> None:
        """
        @param joinable: whether equal requests can be answered with the same response.
        """
        self.body = SharedBody(cache, joinable)
        self.stored = False
        self.trailers: Sequence[Pair] | None = None
        self._audience = Audience(self.body)
        self._cache = cache
        self._key = key
        self._relay: Relay | None = None
        self._keeping: IKeeping | None = None
        self._behind: Rest | None = None
        self._instead = False
        self._paused = False

    # What those who listen call.

    def leave(self, listener: Listener) -> None:
        """
        Somebody does not wait for the response any more.
        """
        self._audience.leave(listener)
        if len(self._audience):
            self._pace()
        elif self.stored:
            self._resume()
        else:
            self._stop()

    def caught_up(self) -> None:
        """
        Somebody who could not keep up has all that is there.
        """
        self._audience.tidy()
        self._resume()

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
        for listener in self._audience:
            listener.interim(status, reason, fields)

    def write(self, data: bytes) -> None:
        """
        Implement L{IDownstream.write}.
        """
        if self._instead:
            return
        if self._keeping is not None and not self._cache.write(self._keeping, data):
            self._keep_no_more()
        self._audience.hear(data)
        if not self.body.joinable:
            self._not_joinable()
        self._pace()

    def flush(self) -> None:
        """
        Implement L{IDownstream.flush}.
        """
        for listener in self._audience:
            listener.flush()

    def outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IDownstream.outlet}.  What is kept, or goes to several, has to be seen.
        """
        if self._instead or self._keeping is not None or self.body.joinable or len(self._audience) != 1:
            return None
        return next(iter(self._audience)).outlet(octets)

    def end(self, trailers: Sequence[Pair] = ()) -> None:
        """
        Implement L{IDownstream.end}.
        """
        self._over()
        if self._instead:
            return
        keeping, self._keeping = self._keeping, None
        if keeping is not None and finish(self._cache, keeping, self._behind):
            self._cache.counts["stored"] += 1
        self.trailers = trailers
        for listener in self._audience:
            listener.go_on()

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

    def _pace(self) -> None:
        """
        Read no more than the fastest can take.
        """
        if not self._paused and self._audience.is_full:
            self._paused = True
            if self._relay is not None:
                self._relay.pause_response()

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            if self._relay is not None:
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
