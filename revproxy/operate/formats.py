"""
The formats of the access log.

Neither writes C{Authorization}, C{Cookie} or any other field than C{Referer} and
C{User-Agent}.  The target is written with its query: an application that takes
secrets in queries has them in its logs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from json import JSONEncoder
from typing import Self

from twisted.web.http import datetimeToLogString
from twisted.web.iweb import IAccessLogFormatter
from zope.interface import provider

from revproxy.exchange import Exchange
from revproxy.registry import Environment, Settings, component

CLIENT_LEFT = 499
"""
What stands for the status where the client left before there was one (as in nginx).
"""


class Timestamp(str):
    """
    A moment in the standard form of access logs, C{[20/Nov/2026:23:52:01 +0000]}.

    @ivar moment: the same in seconds since 1970 in UTC, with its fraction.
    """

    __slots__ = ("moment",)

    moment: float

    def __new__(cls, moment: float) -> Self:
        """
        @param moment: in seconds since 1970 in UTC.
        """
        made = super().__new__(cls, _standard_time(int(moment)))
        made.moment = moment
        return made


@lru_cache(maxsize=4)
def _standard_time(second: int) -> str:
    return str(datetimeToLogString(second))


_ESCAPES = {code: f"\\x{code:02X}" for code in (*range(0x20), 0x22, 0x5C, *range(0x7F, 0x100))}


def escaped(value: bytes) -> str:
    r"""
    @return: the value so that it cannot leave its quotes or its line: quotes,
        backslashes, controls and whatever is not ASCII as C{\xHH}, as nginx has them.
    """
    text = value.decode("latin-1")
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return text.translate(_ESCAPES)


def _quoted(value: bytes | None) -> str:
    return f'"{escaped(value)}"' if value else '"-"'


@lru_cache(maxsize=1024)
def _client(address: str) -> str:
    """
    @return: the address escaped, without a space too: it stands outside of quotes.
    """
    return escaped(address.encode()).replace(" ", "\\x20") or "-"


@lru_cache(maxsize=1024)
def _server(name: str | None) -> str:
    return _quoted(name.encode() if name else None)


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.3f}"


def _status(exchange: Exchange) -> int:
    return CLIENT_LEFT if exchange.response is None else exchange.response.status


def _time_to_first_byte(exchange: Exchange) -> float | None:
    return None if exchange.first_byte is None else exchange.first_byte - exchange.started


def _duration(exchange: Exchange) -> float | None:
    return None if exchange.ended is None else exchange.ended - exchange.started


@provider(IAccessLogFormatter)
def combined_line(timestamp: str, exchange: Exchange) -> str:
    """
    Apache's combined format, with how long the exchange and its first byte took in
    seconds, the server, the number of servers that were tried, and why the proxy
    answered in the upstream's place, where it did.
    """
    request, error = exchange.request, exchange.error
    return (
        f"{_client(exchange.client)} - - {timestamp}"
        f' "{escaped(request.method)} {escaped(request.target)} HTTP/{escaped(request.version)}"'
        f" {_status(exchange)} {exchange.body_sent}"
        f" {_quoted(request.fields.get(b'referer'))} {_quoted(request.fields.get(b'user-agent'))}"
        f" rt={_milliseconds(_duration(exchange))} ttfb={_milliseconds(_time_to_first_byte(exchange))}"
        f" upstream={_server(exchange.server)} tries={exchange.tries}"
        f"{'' if error is None else f' error={_quoted(error.reason.encode())}'}"
    )


_encode = JSONEncoder(separators=(",", ":")).encode


@provider(IAccessLogFormatter)
def json_line(timestamp: str, exchange: Exchange) -> str:
    """
    An object of JSON with everything that is known of the exchange, in ASCII.  What
    is not known is null; times are in seconds.
    """
    request = exchange.request
    return _encode(
        {
            "time": _iso_time(timestamp),
            "client": exchange.client,
            "peer": exchange.peer.address,
            "listener": exchange.peer.listener,
            "method": request.method.decode("latin-1"),
            "scheme": request.scheme.decode("latin-1"),
            "host": request.authority.decode("latin-1"),
            "target": request.target.decode("latin-1"),
            "protocol": f"HTTP/{request.version.decode('latin-1')}",
            "status": _status(exchange),
            "body_sent": exchange.body_sent,
            "referer": _text(request.fields.get(b"referer")),
            "user_agent": _text(request.fields.get(b"user-agent")),
            "upstream": exchange.server,
            "tries": exchange.tries,
            "time_to_first_byte": _rounded(_time_to_first_byte(exchange)),
            "duration": _rounded(_duration(exchange)),
            "error": None if exchange.error is None else type(exchange.error).__name__,
            "why": exchange.why,
        }
    )


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)


def _iso_time(timestamp: str) -> str:
    """
    @return: the time as RFC 3339 has it, or as it was given where it is plain text.
    """
    if not isinstance(timestamp, Timestamp):
        return timestamp
    return datetime.fromtimestamp(timestamp.moment, UTC).isoformat(timespec="milliseconds")


@component(Settings)
def combined_format(settings: Settings, environment: Environment) -> object:
    """
    Make the format that most tools read.
    """
    return combined_line


@component(Settings)
def json_format(settings: Settings, environment: Environment) -> object:
    """
    Make the format for programs.
    """
    return json_line
