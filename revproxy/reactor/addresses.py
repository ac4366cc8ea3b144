"""
Addresses of sockets as Twisted's objects.
"""

from __future__ import annotations

import socket
from functools import lru_cache
from typing import Any, TypeAlias

from twisted.internet.address import IPv4Address, IPv6Address

Address: TypeAlias = Any
"""
L{IPv4Address}, L{IPv6Address} or L{UNIXAddress}.  Interfaces that know of the
internet alone have transports of UNIX sockets too.
"""


def internet_address(name: tuple[str, int] | tuple[str, int, int, int]) -> IPv4Address | IPv6Address:
    """
    @param name: what C{getpeername} or C{getsockname} gives.
    """
    if len(name) == 2:
        return IPv4Address("TCP", *name)
    host, port, flow, scope = name
    if scope:
        host = socket.getnameinfo(name, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]
    return IPv6Address("TCP", host, port, flow, scope)


@lru_cache
def own_address(name: tuple[str, int] | tuple[str, int, int, int]) -> IPv4Address | IPv6Address:
    """
    Connections are accepted at few addresses, so each is made once.

    @param name: what C{getsockname} gives.
    """
    return internet_address(name)
