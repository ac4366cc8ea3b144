"""
The roots of the project's errors, and the ways in which an exchange ends with one.

Errors that one part alone raises are defined there.

An L{ExchangeError} ends one exchange: C{status} is what the client is answered
with, C{retry_safe} whether another server may be tried whatever the method.  Its
message is for the operator's log and never reaches the client.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple


class RevproxyError(Exception):
    """
    The root of what an operator is told of and of what ends an exchange.
    """


class Problem(NamedTuple):
    """
    One thing that is wrong with a configuration file.

    @ivar line: counted from 1, like C{column}.
    @ivar key: the dotted path of the key, such as C{upstreams.app.balancer}.
    """

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.key}: {self.message}"


class ConfigurationError(RevproxyError):
    """
    A configuration file cannot be used; nothing of it was applied.

    @ivar problems: everything that is wrong with it, in the order of the lines.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class CertificateError(RevproxyError):
    """
    A certificate or its key cannot be used; the message says why in one line.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


CONDITIONS: Final = (
    "connect-failure",
    "reset-before-response",
    "reset-in-response",
    "malformed-response",
    "timeout",
)
"""
What can go wrong with a server, as the file calls it: see L{ExchangeError.condition}.
"""


class Unhealthy(RevproxyError):
    """
    A server is not well; the message says why in a few words.
    """


class BodyLost(RevproxyError):
    """
    The body of a response that was kept cannot be read any more.
    """


class ExchangeError(RevproxyError):
    """
    An exchange ends without the upstream's answer.

    @cvar condition: one of L{CONDITIONS} where it is a server's doing; empty where it is not.
    @ivar retry_after: after how many seconds the client may ask again, where that is known.
    """

    status = 500
    retry_safe = False
    condition = ""
    retry_after: int | None = None

    @property
    def reason(self) -> str:
        """
        What happened, for the operator.
        """
        message = str(self)
        return f"{type(self).__name__}: {message}" if message else type(self).__name__


class BadRequest(ExchangeError):
    """
    What the client sent is not a valid request; its connection is closed.
    """

    status = 400


class NoRoute(ExchangeError):
    """
    No route of the configuration matches the request.
    """

    status = 404


class RequestTimeout(ExchangeError):
    """
    The client took too long, or sent too slowly, to finish its request.
    """

    status = 408


class ContentTooLarge(ExchangeError):
    """
    The request's body is larger than the route allows.
    """

    status = 413


class TargetTooLong(ExchangeError):
    """
    The request line is longer than C{limits.request_line}.
    """

    status = 414


class ExpectationUnknown(ExchangeError):
    """
    The request expects something other than C{100-continue}.
    """

    status = 417


class Misdirected(ExchangeError):
    """
    The request's host is not the one that the TLS handshake was made for.
    """

    status = 421


class FieldsTooLarge(ExchangeError):
    """
    The request's header section has too many fields or bytes.
    """

    status = 431


class MethodUnknown(ExchangeError):
    """
    The request's method is one that the proxy does not carry, such as CONNECT.
    """

    status = 501


class CodingUnknown(ExchangeError):
    """
    The request's transfer coding is not one that the proxy can decode.
    """

    status = 501


class VersionUnknown(ExchangeError):
    """
    The request's protocol version is neither HTTP/1.0 nor HTTP/1.1.
    """

    status = 505


class PurgeForbidden(ExchangeError):
    """
    The client asks to purge a cache, and is not among those who may.
    """

    status = 403


class NotCached(ExchangeError):
    """
    The client wants an answer only if it is cached, and it is not (RFC 9111 section 5.2.1.7).
    """

    status = 504


class NoServer(ExchangeError):
    """
    The upstream has no server that can be used now, so nothing was sent.
    """

    status = 503


class QueueFull(NoServer):
    """
    All servers have as many exchanges as they may, and as many wait already as may.
    """


class QueueTimeout(NoServer):
    """
    All servers had as many exchanges as they may, for longer than an exchange may wait.
    """


class CircuitOpen(NoServer):
    """
    So much went wrong with the upstream of late that it is left alone for a while.
    """


class UpstreamRefused(ExchangeError):
    """
    The upstream could not be connected to, so it saw nothing of the request.
    """

    status = 502
    condition = "connect-failure"
    retry_safe = True


class UpstreamConnectTimeout(ExchangeError):
    """
    No connection to the upstream was made in time, so it saw nothing of the request.
    """

    status = 504
    condition = "connect-failure"
    retry_safe = True


class UpstreamUntrusted(ExchangeError):
    """
    The TLS handshake with the upstream failed, so it saw nothing of the request.
    """

    status = 502
    condition = "connect-failure"
    retry_safe = True


class UpstreamGone(ExchangeError):
    """
    The upstream closed the connection before any byte of its response.

    On a connection used before this is the race with the server's idle timeout.
    """

    status = 502
    condition = "reset-before-response"


class UpstreamMalformed(ExchangeError):
    """
    The upstream's response is not valid; its connection is closed.
    """

    status = 502
    condition = "malformed-response"


class UpstreamCut(ExchangeError):
    """
    The upstream closed the connection in the middle of its response.
    """

    status = 502
    condition = "reset-in-response"


class UpstreamTimeout(ExchangeError):
    """
    The upstream did not answer in time.
    """

    status = 504
    condition = "timeout"


class UpstreamOvertaken(UpstreamTimeout):
    """
    A server had not answered yet when another, which was asked later, had.  It ends no
    exchange, but is held against the server.
    """
