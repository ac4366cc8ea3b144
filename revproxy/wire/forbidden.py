"""
Networks that are never connected to, in whichever form an address of theirs comes.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_TRANSLATED: Final = frozenset(
    int(IPv6Address(prefix)) >> 32
    for prefix in (
        "::",  # IPv4-compatible, RFC 4291 section 2.5.5.1
        "::ffff:0:0:0",  # IPv4-translated, RFC 2765
        "64:ff9b::",  # NAT64, RFC 6052
    )
)
"""
Prefixes of 96 bits before an IPv4 address.
"""

_LOCAL_NAT64: Final = IPv6Network("64:ff9b:1::/48")
_ISATAP: Final = frozenset((0x00005EFE, 0x02005EFE))
_LOOPBACK: Final[dict[Address, Address]] = {
    IPv4Address("0.0.0.0"): IPv4Address("127.0.0.1"),
    IPv6Address("::"): IPv6Address("::1"),
}


class ForbiddenNetworks:
    """
    A set of networks that tells which of them an address would lead to.
    """

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)

    def network_of(self, address: str) -> Network | None:
        """
        @param address: an IP address; a zone may follow it.
        @return: the network that it leads to; C{None} where it may be connected to.
        @raise ValueError: it is no IP address.
        """
        found = tuple(meanings(ip_address(address.partition("%")[0])))
        for network in self._networks:
            if any(meaning in network for meaning in found):
                return network
        return None


def meanings(address: Address) -> Iterator[Address]:
    """
    All addresses that a connection to this one may end up at: itself, the IPv4 address
    that is in it for a translator or a tunnel, and this machine's where it names none.
    """
    found: list[Address] = [address]
    if isinstance(address, IPv6Address):
        found += _inner(address)
    for each in found:
        yield each
        if each in _LOOPBACK:
            yield _LOOPBACK[each]


def _inner(address: IPv6Address) -> Iterator[IPv4Address]:
    number = int(address)
    for inner in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())):
        if inner is not None:
            yield inner
    translated = number >> 32 in _TRANSLATED and number > 1
    if translated or address in _LOCAL_NAT64 or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        yield IPv4Address(number & 0xFFFFFFFF)
