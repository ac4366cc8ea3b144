"""
C{type: redirect}: sends clients to another URL.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, NoReturn

from pydantic import AfterValidator
from twisted.web.resource import IResource
from twisted.web.server import Request as SiteRequest
from zope.interface import implementer

from revproxy.errors import BadRequest
from revproxy.exchange import Exchange, Request, Response
from revproxy.interfaces import IExchangeResource, IReceiver
from revproxy.receivers import Ignored
from revproxy.registry import Environment, Settings, component, option, required
from revproxy.wire.fields import UNSAFE_IN_VALUE, Fields
from revproxy.wire.refusal import REASONS

PLACEHOLDERS: Final = ("{scheme}", "{host}", "{path}", "{query}", "{target}")

_PLACEHOLDER = re.compile(rb"\{\w+\}")
_PRINTABLE = re.compile(r"[!-~]+").fullmatch
_BEGINS_WELL = re.compile(
    r"(?:https?|\{scheme\})://"
    r"(?:\{host\}|[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?=/|\?|#|\{path\}|\{target\}|$)"
    r"|/(?![/\\{])"
).match
"""
Matches what begins with a host that no path or query can go on with, or on the host
that was asked: otherwise whoever writes a link could choose where it ends.
"""


def _checked(to: str) -> str:
    """
    @raise ValueError: it is no URL to send clients to.
    """
    if not _PRINTABLE(to):
        raise ValueError("must be a URL, of ASCII characters without spaces")
    without = to
    for placeholder in PLACEHOLDERS:
        without = without.replace(placeholder, " ")
    if "{" in without or "}" in without:
        raise ValueError(f"can be filled in with {', '.join(PLACEHOLDERS)} and nothing else in braces")
    if not _BEGINS_WELL(to):
        raise ValueError("must begin with a scheme and a host that a / follows, or a path, or with /")
    return to


class RedirectSettings(Settings):
    """
    Sends clients to another URL.
    """

    to: Annotated[str, AfterValidator(_checked)] = required(
        "The URL, in which {scheme}, {host} (without its port), {path}, {query} (without ?) and {target}"
        " (path and query) are those of the request."
    )
    status: Literal[301, 302, 303, 307, 308] = option(
        308,
        "301 and 302 for ever and for now, 308 and 307 the same with the method kept, 303 to GET elsewhere.",
    )


@implementer(IExchangeResource)
class Redirect:
    """
    Answers with where to go instead, without waiting for a body.
    """

    isLeaf = True

    def __init__(self, to: bytes, status: int) -> None:
        """
        @param to: the URL, with L{PLACEHOLDERS}.
        """
        self._to = to
        self._status = status

    def answer(self, exchange: Exchange) -> IReceiver:
        """
        Implement L{IExchangeResource.answer}.
        """
        downstream = exchange.downstream
        try:
            fields = Fields([(b"location", self._location(exchange.request))])
        except BadRequest as error:
            downstream.refuse(error)
        else:
            downstream.begin(Response(self._status, REASONS[self._status], fields, 0))
            downstream.end()
        return Ignored()

    def _location(self, request: Request) -> bytes:
        """
        @raise BadRequest: the request does not give what is asked for.
        """
        if not request.host and b"{host}" in self._to:
            raise BadRequest("a redirect to a host that the request does not name")
        everything = not request.path.startswith(b"/")  # the * of OPTIONS is no place to go to
        values = {
            b"{scheme}": request.scheme,
            b"{host}": request.host,
            b"{path}": b"/" if everything else request.path,
            b"{query}": request.query or b"",
            b"{target}": b"/" if everything else request.target,
        }
        location = _PLACEHOLDER.sub(lambda found: values[found[0]], self._to)
        if UNSAFE_IN_VALUE(location):
            raise BadRequest("a redirect to what holds control characters")
        return location

    def getChildWithDefault(self, name: bytes, request: SiteRequest) -> IResource:
        """
        Implement L{IResource}: everything below is answered here.
        """
        return self

    def putChild(self, path: bytes, child: IResource) -> NoReturn:
        """
        Implement L{IResource}.
        """
        raise NotImplementedError("a leaf takes no children")

    def render(self, request: SiteRequest) -> NoReturn:
        """
        Implement L{IResource}.
        """
        raise NotImplementedError("it answers exchanges, not requests of twisted.web")


@component(RedirectSettings)
def redirect(settings: RedirectSettings, environment: Environment) -> Redirect:
    """
    Make it as the file asks for.
    """
    return Redirect(settings.to.encode("ascii"), settings.status)
