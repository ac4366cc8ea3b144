"""
From the name of a host or of a service to the places where its servers are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from revproxy.config.server_url import is_address
from revproxy.discovery.answers import (
    ANY_FAMILY,
    Addresses,
    Findings,
    LookUpFailed,
    Place,
    Resolver,
    Service,
    in_order,
    version,
)
from revproxy.discovery.together import all_of

MOST_TARGETS: Final = 1000
"""
Of so many records of a service is taken notice; of none that come later, where they are
ordered by priority.
"""

_AT_ONCE: Final = 16
"""
So many names are looked up at the same time.
"""


class Finder(Protocol):
    """
    Finds out where servers are.
    """

    def find(self, before: Sequence[Place]) -> Deferred[Findings]:
        """
        @param before: where they were; this stays of what cannot be found out now.
        @return: fails with L{LookUpFailed} where nothing can be.
        """


class NameFinder:
    """
    Finds the addresses of a host.
    """

    def __init__(self, resolver: Resolver, host: str, port: int) -> None:
        self._resolver = resolver
        self._host = host
        self._port = port

    def find(self, before: Sequence[Place]) -> Deferred[Findings]:
        """
        Implement L{Finder.find}.
        """
        return self._resolver.addresses(self._host).addCallback(self._found, before)

    def _found(self, answer: Addresses, before: Sequence[Place]) -> Findings:
        places = {Place(self._host, self._port, address) for address in answer.addresses}
        kept = {place for place in before if version(place.address) in answer.unknown} - places
        return Findings(in_order(places | kept), answer.ttl, trouble="not all is answered" if kept else "")


class ServiceFinder:
    """
    Finds the servers of a service by its SRV records, RFC 2782.

    Whoever can forge an answer of DNS can name a server of his own as a target, with a
    certificate that is right for it.  So where certificates are verified by the target's
    name alone only targets of the service's own domain are used.
    """

    def __init__(self, resolver: Resolver, name: str, within: str | None = None) -> None:
        """
        @param within: the domain that targets have to be of; C{None} for any.
        """
        self._resolver = resolver
        self._name = name
        self._within = within

    def find(self, before: Sequence[Place]) -> Deferred[Findings]:
        """
        Implement L{Finder.find}.
        """
        return Deferred.fromCoroutine(self._find(before))

    async def _find(self, before: Sequence[Place]) -> Findings:
        answer = await self._resolver.services(self._name)
        services = sorted(answer.services, key=lambda service: (service.priority, -service.weight))
        targets = {service.target for service in services[:MOST_TARGETS]}
        refused = {target for target in targets if not self._trusts(target)}
        answers = await self._look_up(targets - refused)
        found = [
            _places(service, answers[service.target], before)
            for service in services[:MOST_TARGETS]
            if service.target in answers
        ]
        places = {place for fresh, kept in found for place in (*fresh, *kept)}
        failed = [each.getErrorMessage() for each in answers.values() if isinstance(each, Failure)]
        if failed and not places:
            raise LookUpFailed(f"none of its targets: {failed[0]}")
        return Findings(
            in_order(places),
            min([answer.ttl, *(each.ttl for each in answers.values() if isinstance(each, Addresses))]),
            frozenset(f"{target} is not of the domain {self._within}" for target in refused),
            "not all of its targets are answered" if failed or any(kept for _, kept in found) else "",
        )

    def _trusts(self, target: str) -> bool:
        return self._within is None or target == self._within or target.endswith(f".{self._within}")

    async def _look_up(self, targets: set[str]) -> dict[str, Addresses | Failure]:
        """
        @return: what is found of each target.
        """
        answers: dict[str, Addresses | Failure] = {
            target: Addresses([target], float("inf")) for target in targets if is_address(target)
        }
        names = sorted(targets - answers.keys())
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            asked = [self._resolver.addresses(name) for name in some]
            found = await all_of(asked)
            answers.update(zip(some, found, strict=True))
        return answers


def _places(
    service: Service, found: Addresses | Failure, before: Sequence[Place]
) -> tuple[list[Place], list[Place]]:
    """
    @return: those of one target, and of before those of which it cannot be found out now
        whether they still are.
    """
    addresses, unknown = ((), ANY_FAMILY) if isinstance(found, Failure) else (found.addresses, found.unknown)
    kept = {
        place.address
        for place in before
        if place.host == service.target and version(place.address) in unknown
    }

    def place(address: str) -> Place:
        return Place(service.target, service.port, address, service.priority, max(1, service.weight))

    return [place(address) for address in addresses], [place(address) for address in kept]
