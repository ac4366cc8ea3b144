"""
Where endpoints listen, and which of them cannot do so together.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, TypeAlias

from twisted.internet.endpoints import serverFromString
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactor

Address: TypeAlias = IPv4Address | IPv6Address | str

_KNOWN = re.compile(r"(?:haproxy:)*(?:tcp6?|unix):").match
"""
The kinds of endpoint that do nothing but ask the reactor to listen.
"""


class Place(NamedTuple):
    """
    What an endpoint occupies when it listens.

    @ivar port: of TCP; 0 is another one each time.  C{None} for what has none.
    @ivar address: an IP address; or text: a host name, the path of a socket, or the
        whole endpoint where it cannot be looked into.
    """

    port: int | None
    address: Address

    def excludes(self, other: Place) -> bool:
        """
        @return: whether not both can be listened on.  All IPv6 addresses beside IPv4
            are let be: that depends on the machine, by C{net.ipv6.bindv6only}.
        """
        if self.port == 0 or self.port != other.port:
            return False
        return (
            self.address == other.address
            or _covers(self.address, other.address)
            or _covers(other.address, self.address)
        )


def listening_place(endpoint: str) -> Place:
    """
    @param endpoint: any text; what is no endpoint is a place of its own.
    """
    if _KNOWN(endpoint) is None:
        return Place(None, endpoint)
    reactor = MemoryReactor()
    try:
        serverFromString(reactor, endpoint).listen(Factory())
    except Exception:
        return Place(None, endpoint)
    if reactor.unixServers:
        return Place(None, reactor.unixServers[0][0])
    port, _, _, interface = reactor.tcpServers[0]
    return Place(port, _address(interface or "0.0.0.0"))


def _address(interface: str) -> Address:
    try:
        return ip_address(interface)
    except ValueError:
        return interface


def _covers(wide: Address, narrow: Address) -> bool:
    """
    Whether an address stands for all of a family, and another is of it.  Twisted
    takes host names for IPv4.
    """
    if isinstance(wide, str) or not wide.is_unspecified:
        return False
    return isinstance(wide, IPv6Address) == isinstance(narrow, IPv6Address)
