"""
What stands in for servers and exchanges in tests of components.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from zope.interface import implementer

from revproxy.exchange import UNKNOWN, Exchange, Outbound, Peer, Request, Response
from revproxy.interfaces import IDownstream, ILoadObserver, IServer
from revproxy.wire.caching.freshness import Freshness
from revproxy.wire.caching.kept import KeptHead
from revproxy.wire.caching.validators import Validators
from revproxy.wire.fields import Fields, FrozenFields, Pair


@implementer(IServer)
class StandInServer:
    """
    A server as a balancer sees it.

    @ivar observer: hears how busy it is, where anybody wants to.
    """

    def __init__(self, name: str = "http://127.0.0.1:8001", weight: int = 1, active: int = 0) -> None:
        self.name = name
        self.weight = self.whole_weight = weight
        self.weight_scale = 1
        self.active = active
        self.observer: ILoadObserver | None = None

    def occupy(self) -> None:
        """
        It has one more exchange to answer.
        """
        self.active += 1
        if self.observer is not None:
            self.observer.occupied(self)

    def vacate(self) -> None:
        """
        It has one exchange less to answer.
        """
        self.active -= 1
        if self.observer is not None:
            self.observer.vacated(self)

    def __repr__(self) -> str:
        """
        Tell servers apart in the messages of tests that fail.
        """
        return f"<{self.name} weight={self.weight} active={self.active}>"


def stand_in_servers(*weights: int) -> list[IServer]:
    """
    @return: a server of each weight.
    """
    return [StandInServer(f"http://127.0.0.1:{8001 + place}", weight) for place, weight in enumerate(weights)]


def stand_in_exchange(
    target: bytes = b"/path",
    fields: Iterable[Pair] = ((b"user-agent", b"test"), (b"accept", b"*/*")),
    method: bytes = b"GET",
    client: str = "203.0.113.7",
    host: bytes = b"example.com",
) -> Exchange:
    """
    @param target: path and query.
    @param fields: pairs with names in lower case; those of the request and, since
        none is hop-by-hop, of what goes to the upstream.
    @param client: the client's address.
    @return: an exchange of which only the request has come; its downstream is
        nothing that could be called.
    """
    pairs = tuple(fields)
    path, mark, query = target.partition(b"?")
    request = Request(method, b"http", host, host, path, query if mark else None, b"1.1", FrozenFields(pairs))
    outbound = Outbound(method, target, None, Fields(pairs))
    peer = Peer(address=client, port=4321, local_port=8080, listener="web")
    downstream = cast(IDownstream, None)
    return Exchange(request, outbound, peer, client, downstream, started=0.0, most_body=1 << 20)


def stand_in_response(
    status: int = 200, fields: Iterable[Pair] = ((b"content-type", b"text/plain"), (b"server", b"test"))
) -> Response:
    """
    @return: the head of a response with a body of unknown length.
    """
    return Response(status, b"", Fields(fields), UNKNOWN)


def stand_in_head(
    status: int = 200,
    fields: Sequence[Pair] = ((b"content-type", b"text/plain"), (b"etag", b'"1"')),
    vary: tuple[bytes, ...] = (),
    secondary: bytes = b"",
    tags: Iterable[bytes] = (),
    received: float = 1_800_000_000.0,
) -> KeptHead:
    """
    @param received: when it came, in seconds of the epoch.
    @return: the head of a stored response that is fresh for an hour.
    """
    freshness = Freshness(received, received, received + 3600)
    validators = Validators(b'"1"', None, None, int(received))
    return KeptHead(status, b"OK", fields, vary, secondary, freshness, validators, tags)
