"""
What look-ups find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import NamedTuple, Protocol, TypeAlias

from twisted.internet.defer import Deferred

ANY_FAMILY = frozenset((4, 6))
"""
The versions of IP.
"""

Refusal: TypeAlias = Callable[[str], str | None]
"""
Tells why no server may be at an address; C{None} where one may.
"""


class LookUpFailed(Exception):
    """
    It could not be found out where a name leads, or it leads nowhere; the message says
    why in a few words.
    """


class Addresses(NamedTuple):
    """
    @ivar addresses: where a name leads, in no order.
    @ivar ttl: for how many seconds that holds.
    @ivar unknown: the versions of IP of which it could not be found out.
    """

    addresses: Sequence[str]
    ttl: float
    unknown: frozenset[int] = frozenset()


class Service(NamedTuple):
    """
    One SRV record, RFC 2782.

    @ivar target: a name in lower case, without a dot at its end, or an IP address.
    """

    target: str
    port: int
    priority: int
    weight: int


class Services(NamedTuple):
    """
    @ivar services: none, where the service is not to be had, which its records say.
    """

    services: Sequence[Service]
    ttl: float


class Resolver(Protocol):
    """
    Looks up names.  Both methods give a Deferred that fails with L{LookUpFailed}, and
    that can be cancelled, after which nothing is left of the look-up.
    """

    def addresses(self, host: str) -> Deferred[Addresses]:
        """
        @return: where a name leads: to one address at least.
        """

    def services(self, name: str) -> Deferred[Services]:
        """
        @return: who offers a service.
        """


class Place(NamedTuple):
    """
    Where a server is.

    @ivar host: its name, by which it is verified.
    @ivar priority: that of its SRV record; places of a lower one come first.
    @ivar weight: that of its SRV record, 1 at least.
    """

    host: str
    port: int
    address: str
    priority: int = 0
    weight: int = 1

    @property
    def identity(self) -> tuple[str, int, str, int]:
        """
        What is not the same for another server.
        """
        return self[:4]


class Findings(NamedTuple):
    """
    @ivar places: where the servers are, in an order that does not change by itself.
    @ivar ttl: for how many seconds that holds.
    @ivar refused: what is not used of that which was found, and why.
    @ivar trouble: why some of the places are those of before; empty where none are.
    """

    places: Sequence[Place]
    ttl: float
    refused: frozenset[str] = frozenset()
    trouble: str = ""


def version(address: str) -> int:
    """
    @return: the version of IP that an address is of.
    """
    return 6 if ":" in address else 4


def in_order(places: set[Place]) -> list[Place]:
    """
    Resolvers turn their answers around, so that the first is another each time; for us
    the order means something, and stays.
    """
    return sorted(places, key=_rank)


def _rank(place: Place) -> tuple[object, ...]:
    address = ip_address(place.address.partition("%")[0])
    return place.priority, place.host, place.port, address.version, int(address), place
