"""
Our resources in a stock L{twisted.web.server.Site} of somebody else's program.

What C{twisted.web} has parsed is read again by our own rules, which are stricter,
so that no request reaches an upstream by this way that would be refused by the
other.  Some things are as C{twisted.web} makes them:

  - The whole body is there before the exchange begins; trailers are lost.
  - C{Expect: 100-continue} has been answered already.
  - Interim responses cannot be sent, and are dropped.
  - An upgrade is not offered: the upstream sees a plain request.
  - A field keeps all its values in order, but the values of one name are together.
"""

from __future__ import annotations

from io import SEEK_END
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast
from urllib.parse import unquote_to_bytes

from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET
from zope.interface import implementer

from revproxy.edge.site_response import SiteDownstream
from revproxy.errors import BadRequest, ContentTooLarge, ExchangeError
from revproxy.exchange import Exchange, Outbound, Peer, Request
from revproxy.wire.fields import Fields
from revproxy.wire.forwarded import ForwardedPolicy
from revproxy.wire.hop_by_hop import REQUEST_REMOVED
from revproxy.wire.networks import Networks
from revproxy.wire.refusal import refusal
from revproxy.wire.request_head import HeadLimits, RequestHead, RequestHeads
from revproxy.wire.serialize import UnsafeField, head_bytes

if TYPE_CHECKING:
    from twisted.web import server

    from revproxy.interfaces import IDownstream, IExchangeResource

_VERSIONS = {b"HTTP/2": b"HTTP/1.1"}
_REMOVED = REQUEST_REMOVED | {b"expect"}


class SiteSettings(NamedTuple):
    """
    How the requests of somebody else's site are taken.

    @ivar forwarded: whom to believe, and what to tell the upstream.
    @ivar limits: how large a head may be.  C{twisted.web} has its own limits, which
        come first.
    @ivar most_body: how many octets a body may have; C{twisted.web} has stored them
        by then.
    """

    forwarded: ForwardedPolicy = ForwardedPolicy(Networks())
    limits: HeadLimits = HeadLimits()
    most_body: int = 2**30


DEFAULTS = SiteSettings()


def render_exchange(
    resource: IExchangeResource, request: server.Request, settings: SiteSettings = DEFAULTS
) -> int | bytes:
    """
    Let a resource of ours answer a request of C{twisted.web}: for its C{render}.
    """
    clock = cast("server.Site", request.site).reactor
    downstream = SiteDownstream(request, clock)
    try:
        exchange = exchange_from(request, downstream, clock.seconds(), settings)
    except ExchangeError as error:
        return Refusal(error).render(request)
    downstream.serve(exchange, resource)
    return NOT_DONE_YET


def exchange_from(
    request: server.Request, downstream: IDownstream, started: float, settings: SiteSettings = DEFAULTS
) -> Exchange:
    """
    Make an exchange of a request that C{twisted.web} has parsed.

    @param started: in seconds of the reactor's clock.
    @raise ExchangeError: where the request is not valid by our rules.
    """
    peer = _peer(request)
    policy = settings.forwarded
    head = _head(request, settings.limits, policy.removed(peer.address) | _REMOVED)
    origin = policy.client(peer.address, head.section.fields)
    asked = _request(request, head, origin.scheme)
    if (asked.length or 0) > settings.most_body:
        raise ContentTooLarge(f"a body of {asked.length} octets")
    fields = Fields(head.section.end_to_end)
    fields += policy.fields(
        origin, peer.address, _scheme(request), asked.authority, peer.local_port, asked.version
    )
    outbound = Outbound(asked.method, asked.target, None, fields)
    apart = policy.apart(origin, asked.scheme, asked.authority, peer.local_port, head.section.end_to_end)
    return Exchange(asked, outbound, peer, origin.address, downstream, started, settings.most_body, apart)


def request_from(request: server.Request, settings: SiteSettings = DEFAULTS) -> Request:
    """
    Read a request that C{twisted.web} has parsed by our own rules.

    @raise ExchangeError: where it is not valid by them.
    """
    return _request(request, _head(request, settings.limits, _REMOVED))


def descend(request: server.Request, path: bytes, prefix: bytes) -> None:
    """
    Say how far down the tree a request of C{twisted.web} is.

    @param path: the canonical path.
    @param prefix: the path of the resource that was found, without a slash at its
        end; what is under it is left for the resource's children.
    """
    segments = [unquote_to_bytes(segment) for segment in path[1:].split(b"/")]
    depth = prefix.count(b"/")
    request.prepath = segments[:depth]
    request.postpath = segments[depth:]


@implementer(IResource)
class Refusal:
    """
    Answers with the status of an error and a small body that names it.
    """

    isLeaf = True

    def __init__(self, error: ExchangeError) -> None:
        self._status = error.status

    def getChildWithDefault(self, name: bytes, request: server.Request) -> IResource:
        """
        Implement L{IResource.getChildWithDefault}: whatever is below is refused.
        """
        return self

    def putChild(self, path: bytes, child: IResource) -> None:
        """
        Implement L{IResource.putChild}: there is nothing below.
        """
        raise NotImplementedError("a refusal has no children")

    def render(self, request: server.Request) -> bytes:
        """
        Implement L{IResource.render}.
        """
        accept = b", ".join(request.requestHeaders.getRawHeaders(b"accept", ()))
        content_type, body = refusal(self._status, accept or None)
        request.setResponseCode(self._status)
        request.setHeader(b"content-type", content_type)
        return body


def _head(request: server.Request, limits: HeadLimits, removed: frozenset[bytes]) -> RequestHead:
    """
    Write the head as C{twisted.web} understood it, and read that.
    """
    version = _VERSIONS.get(request.clientproto, request.clientproto)
    fields = [(name, value) for name, values in request.requestHeaders.getAllRawHeaders() for value in values]
    try:
        head = head_bytes(b"%b %b %b" % (request.method, request.uri, version), fields)
    except UnsafeField as error:
        raise BadRequest(*error.args) from None
    return RequestHeads(limits, removed).parse(head)


def _request(request: server.Request, head: RequestHead, scheme: bytes | None = None) -> Request:
    """
    @param scheme: what a trusted proxy told.
    """
    size = _body_size(cast("BinaryIO", request.content))
    return Request(
        head.line.method,
        scheme or _scheme(request),
        head.authority,
        head.host,
        head.line.path,
        head.line.query,
        request.clientproto.removeprefix(b"HTTP/"),
        head.section.fields,
        None if head.section.length is None and not size else size,
    )


def _scheme(request: server.Request) -> bytes:
    return b"https" if request.isSecure() else b"http"


def _body_size(content: BinaryIO) -> int:
    size = content.seek(0, SEEK_END)
    content.seek(0)
    return size


def _peer(request: server.Request) -> Peer:
    """
    A UNIX address has neither host nor port.
    """
    client, local = request.getClientAddress(), request.getHost()
    return Peer(
        getattr(client, "host", ""),
        getattr(client, "port", 0),
        getattr(local, "port", 0),
        secure=bool(request.isSecure()),
    )
