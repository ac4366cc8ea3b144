"""
What the records of an answer of DNS say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from socket import AF_INET6, inet_ntop
from typing import TypeVar

from twisted.names import dns

from revproxy.discovery.answers import Service
from revproxy.errors import BadRequest
from revproxy.wire.authority import split_authority

_Said = TypeVar("_Said")

_FOREVER = float(2**31 - 1)
"""
The longest time to live, RFC 2181 section 8.
"""


class Records:
    """
    The records of an answer that belong to the question: those of the name itself and
    of the names that it stands for.  What else a server sends along counts for nothing.
    """

    def __init__(self, name: str, records: Iterable[dns.RRHeader]) -> None:
        """
        @param name: what was asked for.
        @param records: those of the answer's own section.
        """
        records = list(records)
        aliases = {_name(each.name): each for each in records if isinstance(each.payload, dns.Record_CNAME)}
        self._names = [name.lower()]
        self._ttls = [_FOREVER]
        while (alias := aliases.pop(self._names[-1], None)) is not None:
            assert isinstance(alias.payload, dns.Record_CNAME)
            self._names.append(_name(alias.payload.name))
            self._ttls.append(_ttl(alias))
        self._records = [each for each in records if _name(each.name) in self._names]

    def addresses(self, family: int) -> tuple[list[str], float]:
        """
        @param family: the version of IP.
        @return: the addresses, and how long they hold.
        """
        return self._said(_ipv4 if family == 4 else _ipv6)

    def services(self) -> tuple[list[Service], float]:
        """
        @return: the services, whose target is empty where there is none, and how long
            they hold.
        """
        return self._said(_service)

    def _said(self, read: Callable[[object], _Said | None]) -> tuple[list[_Said], float]:
        """
        @param read: gives what a record says; C{None} where it is of another type.
        """
        said: list[_Said] = []
        ttls = list(self._ttls)
        for record in self._records:
            if (value := read(record.payload)) is not None:
                said.append(value)
                ttls.append(_ttl(record))
        return said, min(ttls)


def _name(name: dns.Name) -> str:
    return name.name.decode("latin-1").lower().removesuffix(".")


def _ttl(record: dns.RRHeader) -> float:
    ttl = float(record.ttl)
    return ttl if 0 <= ttl <= _FOREVER else 0.0


def _ipv4(said: object) -> str | None:
    return said.dottedQuad() if isinstance(said, dns.Record_A) else None


def _ipv6(said: object) -> str | None:
    return inet_ntop(AF_INET6, said.address) if isinstance(said, dns.Record_AAAA) else None


def _service(said: object) -> Service | None:
    """
    @return: C{None} where the target cannot be the name of a host, or the port no port.
    """
    if not isinstance(said, dns.Record_SRV):
        return None
    target = _name(said.target)
    if not target:
        return Service("", 0, 0, 0)
    try:
        host, port = split_authority(target.encode("latin-1"))
    except BadRequest:
        return None
    if port is not None or not said.port:
        return None
    return Service(host.decode(), said.port, said.priority, said.weight)
