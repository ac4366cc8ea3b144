"""
Cookies in the fields of messages (RFC 6265).

What is no cookie by its grammar is let be: servers take more than the RFC allows.
Names are case-sensitive.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

_OWS = b" \t"


def cookies_named(values: Iterable[bytes], name: bytes) -> list[bytes]:
    """
    @param values: those of the Cookie fields of a request.
    @return: the values of the cookies of that name, in order.
    """
    return [found.lstrip(_OWS) for found in cookies_as_written(values, name)]


def cookies_as_written(values: Iterable[bytes], name: bytes) -> list[bytes]:
    """
    @param values: those of the Cookie fields of a request.
    @return: the values of the cookies of that name, in order; spaces behind the equals sign
        belong to them, as they may for a server.
    """
    cookies = _cookies(name)
    return [found.rstrip(_OWS) for value in values if name in value for found in cookies.findall(value)]


def without_cookie(value: bytes, name: bytes) -> bytes:
    """
    @param value: that of a Cookie field.
    @return: the same without the cookies of that name; empty where there is no other.
    """
    rest = _cookies(name).sub(b"", value)
    return rest if rest == value else rest.lstrip(b";" + _OWS)


@lru_cache(maxsize=64)
def _cookies(name: bytes) -> re.Pattern[bytes]:
    """
    @return: what finds the cookies of a name, in time that grows with the field's length alone.
    """
    return re.compile(rb"(?:^|;)[ \t]*%b[ \t]*=([^;]*)" % re.escape(name))


def cookie_attributes(
    path: bytes | None = None,
    domain: bytes | None = None,
    max_age: int | None = None,
    same_site: bytes | None = None,
    http_only: bool = False,
    secure: bool = False,
) -> bytes:
    """
    @param max_age: in seconds; C{None} is for as long as the browser runs.
    @return: what follows a cookie in a Set-Cookie field, from the first semicolon on.
    """
    attributes = [
        b"Path=" + path if path is not None else b"",
        b"Domain=" + domain if domain is not None else b"",
        b"Max-Age=%d" % max_age if max_age is not None else b"",
        b"SameSite=" + same_site if same_site is not None else b"",
        b"HttpOnly" if http_only else b"",
        b"Secure" if secure else b"",
    ]
    return b"".join(b"; " + attribute for attribute in attributes if attribute)
