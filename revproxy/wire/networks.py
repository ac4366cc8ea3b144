"""
Sets of IP networks, asked once a request.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

UNIX: Final = "unix:"
"""
In the place of a network: whoever connects through a UNIX socket.
"""

_MOST_REMEMBERED = 4096
_LONGEST_ADDRESS = 45


class Networks:
    """
    A set of networks: C{"10.1.2.3" in Networks(["10.0.0.0/8"])}.

    The address of a peer on a UNIX socket is the empty string; it belongs to the
    set if L{UNIX} was given.  What is no address belongs to no set.  An IPv4
    address mapped into IPv6 belongs where the IPv4 address does.

    @ivar _prefixes: for each version and length of prefix, the prefixes as
        numbers, so that the cost of an answer does not grow with their number.
    @ivar _remembered: recent answers; forgotten all at once when there are too
        many, which costs time and never changes an answer.
    """

    def __init__(self, networks: Iterable[str | IPv4Network | IPv6Network] = ()) -> None:
        """
        @param networks: in CIDR notation, single addresses, or L{UNIX}.
        @raise ValueError: where one is none of these, or has bits set behind its
            prefix.
        """
        self._prefixes: dict[tuple[int, int], set[int]] = {}
        self._remembered: dict[str, bool] = {"": False}
        for network in networks:
            if network == UNIX:
                self._remembered[""] = True
            else:
                self._add(ip_network(network))
        self._unix = self._remembered[""]

    def __bool__(self) -> bool:
        """
        Tell whether any peer can belong to the set.
        """
        return self._unix or bool(self._prefixes)

    def __contains__(self, address: str) -> bool:
        """
        Tell whether an address belongs to one of the networks.
        """
        known = self._remembered.get(address)
        return self._look_up(address) if known is None else known

    def _add(self, network: IPv4Network | IPv6Network) -> None:
        shift = network.max_prefixlen - network.prefixlen
        numbers = self._prefixes.setdefault((network.version, shift), set())
        numbers.add(int(network.network_address) >> shift)

    def _look_up(self, text: str) -> bool:
        address = parse_address(text)
        if address is None:
            return False
        number = int(address)
        found = any(
            number >> shift in numbers
            for (version, shift), numbers in self._prefixes.items()
            if version == address.version
        )
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered = {"": self._unix}
        self._remembered[text] = found
        return found


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """
    Read an address; an IPv4 address mapped into IPv6 gives the IPv4 address.

    @return: C{None} where the text is no address.  An IPv6 zone is left out.
    """
    bare = text.partition("%")[0] if ":" in text else text
    return _parse(bare) if len(bare) <= _LONGEST_ADDRESS else None


@lru_cache(maxsize=_MOST_REMEMBERED)
def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
