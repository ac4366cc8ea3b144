"""
C{type: static}: gives the files of a directory.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

from pydantic import AfterValidator
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request
from twisted.web.static import File
from typing_extensions import override

from revproxy.config.values import AnyPath
from revproxy.registry import Environment, Settings, component, option, required
from revproxy.wire.refusal import REASONS, refusal


def _existing(path: Path) -> Path:
    """
    @raise ValueError: there is no such directory.
    """
    if not path.is_dir():
        raise ValueError(f"there is no directory {path}")
    return path


class StaticSettings(Settings):
    """
    Gives the files of a directory.
    """

    directory: Annotated[AnyPath, AfterValidator(_existing)] = required(
        "The directory; links in it are followed, names that begin with a dot are not given."
    )
    index: list[str] = option(
        ["index.html"], "Names of files, of which the first that is there stands for a directory."
    )


class Refused(Resource):
    """
    Answers as the proxy does when it refuses: with the status, and nothing of the
    request.
    """

    isLeaf = True

    def __init__(self, status: int) -> None:
        super().__init__()
        self._status = status

    @override
    def render(self, request: Request) -> bytes:
        """
        Implement L{IResource.render}, for every method.
        """
        content_type, body = refusal(self._status, request.getHeader(b"accept"))
        request.setResponseCode(self._status, REASONS[self._status])
        request.setHeader(b"content-type", content_type)
        request.setHeader(b"content-length", b"%d" % len(body))
        return b"" if request.method == b"HEAD" else body


class StaticFiles(File):
    """
    A directory of files, or one of them: no listings, no programs, no hidden files but
    those in C{.well-known} (RFC 8615).
    """

    childNotFound = Refused(404)  # type: ignore[assignment]
    forbidden = Refused(403)  # type: ignore[assignment]

    @override
    def render(self, request: Request) -> bytes | int:
        """
        Implement L{IResource.render}: files can be had, and that is all.
        """
        if request.method not in (b"GET", b"HEAD"):
            request.setHeader(b"allow", b"GET, HEAD")
            return Refused(405).render(request)
        return self.render_GET(request)

    @override
    def getChild(self, path: bytes, request: Request) -> IResource:
        """
        Implement L{File.getChild}.
        """
        if path.startswith(b".") and path != b".well-known":
            return self.childNotFound
        found = super().getChild(path, request)
        if isinstance(found, StaticFiles) and not (found.isdir() or found.isfile()):
            return self.childNotFound
        return cast(IResource, found)

    @override
    def directoryListing(self) -> IResource:
        """
        Implement L{File.directoryListing}: what is in a directory is not told.
        """
        return self.childNotFound

    @override
    def render_GET(self, request: Request) -> bytes | int:
        """
        Implement L{File.render_GET}, with one range or none: many that overlap would
        send a file many times (RFC 9110 section 14.2).
        """
        if b"," in (request.getHeader(b"range") or b""):
            request.requestHeaders.removeHeader(b"range")
        return cast("bytes | int", super().render_GET(request))

    render_HEAD = render_GET


@component(StaticSettings)
def static(settings: StaticSettings, environment: Environment) -> StaticFiles:
    """
    Make it as the file asks for.
    """
    files = StaticFiles(str(settings.directory), defaultType="application/octet-stream")
    files.indexNames = settings.index
    return files
