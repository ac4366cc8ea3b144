"""
The authority: host and port, as the Host field and absolute-form targets have
them (RFC 9110 section 7.2, RFC 3986 section 3.2).

Stricter than the grammar of RFC 3986, whose registered names may hold nearly
anything: a host is a DNS name (underscores let through, as they are met in
private networks), an IPv4 address or an IPv6 address in brackets.
"""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from revproxy.errors import BadRequest

_NAME = rb"(?=[^:]{1,253}\.?(?::|\Z))\w[\w-]{0,62}(?:\.\w[\w-]{0,62})*+"  # RFC 1035 section 2.3.4: lengths
_IPV6 = rb"\[([0-9A-Fa-f:.]{2,45})\]"
_AUTHORITY = re.compile(rb"(?:(%b)\.?|%b)(?::([0-9]{0,5}))?" % (_NAME, _IPV6), re.ASCII).fullmatch
_ENDS_IN_NUMBER = re.compile(rb"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)").fullmatch
_MOST_PORT = 65535


@lru_cache(maxsize=2048)
def split_authority(value: bytes) -> tuple[bytes, int | None]:
    """
    Check an authority and split it into host and port.

    @return: the host in lower case, without the dot that may end a DNS name,
        an IPv6 address in brackets and in its shortest spelling; and the port,
        C{None} where none is given (C{example.com:} gives none either, RFC 3986
        section 3.2.3).
    @raise BadRequest: where the value is empty, has userinfo, a path, an 8-bit
        or percent-encoded character, a port above 65535, or a host that is no
        DNS name and no address.
    """
    match = _AUTHORITY(value)
    if match is None:
        raise BadRequest("the host is no DNS name and no IP address, or its port is no number")
    name, ipv6, digits = match.groups()
    port = int(digits) if digits else None
    if port is not None and port > _MOST_PORT:
        raise BadRequest("the port of the host is above 65535")
    return (_name(name) if ipv6 is None else _ipv6(ipv6)), port


def _name(name: bytes) -> bytes:
    """
    A name whose last label is a number would be read as an address somewhere,
    so only the usual spelling of an IPv4 address may end in one.
    """
    if _ENDS_IN_NUMBER(name):
        try:
            IPv4Address(name.decode("ascii"))
        except AddressValueError:
            raise BadRequest("the host ends in a number but is no IPv4 address") from None
    return name.lower()


def _ipv6(address: bytes) -> bytes:
    try:
        return b"[%s]" % IPv6Address(address.decode("ascii")).compressed.encode("ascii")
    except AddressValueError:
        raise BadRequest("the host is in brackets but is no IPv6 address") from None
