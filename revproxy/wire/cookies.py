"""
Cookies in the fields of messages (RFC 6265).

What is no cookie by its grammar is let be: servers take more than the RFC allows.
Names are case-sensitive.
"""

from collections.abc import Iterable


def cookies_named(values: Iterable[bytes], name: bytes) -> list[bytes]:
    """
    @param values: those of the Cookie fields of a request.
    @return: the values of the cookies of that name, in order.
    """
    found = []
    for value in values:
        if name in value:
            for part in value.split(b";"):
                held, mark, rest = part.partition(b"=")
                if mark and held.strip(b" \t") == name:
                    found.append(rest.strip(b" \t"))
    return found


def without_cookie(value: bytes, name: bytes) -> bytes:
    """
    @param value: that of a Cookie field.
    @return: the same without the cookies of that name; empty where there is no other.
    """
    parts = (part for part in value.split(b";") if not _is_named(part, name))
    return b";".join(parts).strip(b" \t")


def _is_named(part: bytes, name: bytes) -> bool:
    held, mark, _ = part.partition(b"=")
    return bool(mark) and held.strip(b" \t") == name


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
