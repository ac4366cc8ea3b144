"""
Resources of C{twisted.web} in our tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from twisted.web import server
from twisted.web.resource import IResource
from typing_extensions import override
from zope.interface import implementer

from revproxy.edge.mounted_request import MountedRequest
from revproxy.edge.site import descend
from revproxy.errors import ContentTooLarge, ExchangeError
from revproxy.exchange import Exchange
from revproxy.interfaces import IExchangeResource, IReceiver
from revproxy.wire.fields import Pair

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime


def as_exchange_resource(resource: IResource, clock: IReactorTime, path: bytes = b"/") -> IExchangeResource:
    """
    Make a resource one that answers exchanges, unless it does already.

    @param path: see L{MountedResource}.
    """
    if IExchangeResource.providedBy(resource):
        return resource
    return MountedResource(resource, clock, path)


@implementer(IExchangeResource)
class MountedResource:
    """
    Answers exchanges with a resource of C{twisted.web} and what is below it.

    In a tree of C{twisted.web} it is as if the resource itself were there.
    """

    def __init__(self, resource: IResource, clock: IReactorTime, path: bytes = b"/") -> None:
        """
        @param clock: for the end of sessions.
        @param path: where in the tree the resource is, canonical: its children are
            found by what comes behind.
        """
        self._resource = resource
        self._site = _MountedSite(resource, clock, path.removesuffix(b"/"))

    def answer(self, exchange: Exchange) -> IReceiver:
        """
        Implement L{IExchangeResource.answer}: the resource is asked once the body
        is whole.
        """
        receiver = MountedReceiver(MountedRequest(exchange, self._site))
        receiver.start()
        return receiver

    @property
    def isLeaf(self) -> bool:
        """
        Whether the resource looks after all that is below it.
        """
        return bool(self._resource.isLeaf)

    def getChildWithDefault(self, name: bytes, request: server.Request) -> IResource:
        """
        Implement L{IResource.getChildWithDefault}.
        """
        return cast(IResource, self._resource.getChildWithDefault(name, request))

    def putChild(self, path: bytes, child: IResource) -> None:
        """
        Implement L{IResource.putChild}.
        """
        self._resource.putChild(path, child)

    def render(self, request: server.Request) -> int | bytes:
        """
        Implement L{IResource.render}.
        """
        return cast("int | bytes", self._resource.render(request))


@implementer(IReceiver)
class MountedReceiver:
    """
    Stores the body of one request, and tells the resource of the client.
    """

    def __init__(self, request: MountedRequest) -> None:
        self._request = request
        self._exchange = request.exchange
        self._received = 0
        self._over = False

    def start(self) -> None:
        """
        Ask for the body; without one the request is whole.
        """
        asked = self._exchange.request
        if asked.length is None:
            self._request.complete()
        elif asked.length > self._exchange.most_body:
            self.request_failed(ContentTooLarge("the body is larger than the route allows"))
        elif asked.expects_continue:
            self._exchange.downstream.interim(100, b"Continue", ())

    def request_body(self, data: bytes) -> None:
        """
        Implement L{IReceiver.request_body}.
        """
        if self._over:
            return
        self._received += len(data)
        if self._received > self._exchange.most_body:
            self.request_failed(ContentTooLarge("the body is larger than the route allows"))
        else:
            self._request.handleContentChunk(data)

    def request_flush(self) -> None:
        """
        Implement L{IReceiver.request_flush}: the resource waits for the whole body.
        """

    def request_outlet(self, octets: int) -> None:
        """
        Implement L{IReceiver.request_outlet}: the resource wants to see the body.
        """

    def request_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IReceiver.request_ended}.
        """
        if not self._over:
            self._request.complete()

    def request_failed(self, error: ExchangeError) -> None:
        """
        Implement L{IReceiver.request_failed}: the resource never hears of it.
        """
        self.client_left()
        self._exchange.downstream.refuse(error)

    def client_left(self) -> None:
        """
        Implement L{IReceiver.client_left}.
        """
        self._over = True
        self._request.abandon()

    def pause_response(self) -> None:
        """
        Implement L{IReceiver.pause_response}.
        """
        self._request.connection.pauseProducing()

    def resume_response(self) -> None:
        """
        Implement L{IReceiver.resume_response}.
        """
        self._request.connection.resumeProducing()


class _MountedSite(server.Site):
    """
    Finds the resource for a request among a mounted one and its children.
    """

    def __init__(self, resource: IResource, clock: IReactorTime, prefix: bytes) -> None:
        super().__init__(resource, reactor=clock)
        self._prefix = prefix

    @override
    def getResourceFor(self, request: server.Request) -> IResource:
        descend(request, request.path, self._prefix)
        return cast(IResource, super().getResourceFor(request))
