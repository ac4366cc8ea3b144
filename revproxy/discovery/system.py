"""
Names looked up as the system does: by C{/etc/hosts}, DNS or whatever it is set up for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IHostResolution,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from zope.interface import implementer

from revproxy.discovery.answers import Addresses, LookUpFailed, Resolver, Services

_TYPES: dict[int, type[IPv4Address] | type[IPv6Address]] = {4: IPv4Address, 6: IPv6Address}


class SystemResolver:
    """
    Asks the reactor's resolver, which waits for the system in a thread.

    Such a thread cannot be stopped.  So that threads do not pile up where the system
    takes long, whoever asks for a name that one is busy with waits for that one.

    @ivar _asking: who waits for each name.
    """

    def __init__(
        self,
        reactor: IReactorPluggableNameResolver,
        families: Collection[int],
        holds: float,
        services: Resolver,
    ) -> None:
        """
        @param families: the versions of IP of which addresses are wanted.
        @param holds: for how many seconds an answer holds, as the system does not say.
        @param services: asked for services, of which the system knows nothing.
        """
        self._reactor = reactor
        self._types = [_TYPES[family] for family in sorted(families)]
        self._holds = holds
        self._services = services
        self._asking: dict[str, list[Deferred[Addresses]]] = {}

    def addresses(self, host: str) -> Deferred[Addresses]:
        """
        Implement L{Resolver.addresses}.
        """
        waiting = self._asking.get(host)
        begins = waiting is None
        if waiting is None:
            waiting = self._asking[host] = []
        answer: Deferred[Addresses] = Deferred(waiting.remove)
        waiting.append(answer)
        if begins:
            receiver = _Receiver(lambda addresses: self._answer(host, addresses))
            self._reactor.nameResolver.resolveHostName(receiver, host, 0, self._types, "TCP")
        return answer

    def services(self, name: str) -> Deferred[Services]:
        """
        Implement L{Resolver.services}.
        """
        return self._services.services(name)

    def _answer(self, host: str, addresses: list[str]) -> None:
        for answer in self._asking.pop(host):
            if addresses:
                answer.callback(Addresses(addresses, self._holds))
            else:
                answer.errback(LookUpFailed("the system finds no address"))


@implementer(IResolutionReceiver)
class _Receiver:
    """
    Waits until all addresses are there.
    """

    def __init__(self, complete: Callable[[list[str]], None]) -> None:
        self._complete = complete
        self._addresses: list[str] = []

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        """
        Implement L{IResolutionReceiver.resolutionBegan}.
        """

    def addressResolved(self, address: IAddress) -> None:
        """
        Implement L{IResolutionReceiver.addressResolved}.
        """
        if isinstance(address, IPv4Address):
            self._addresses.append(address.host)
        elif isinstance(address, IPv6Address):
            # Without its zone an address of one link leads nowhere.
            bare = address.host.partition("%")[0]
            self._addresses.append(f"{bare}%{address.scopeID}" if address.scopeID else bare)

    def resolutionComplete(self) -> None:
        """
        Implement L{IResolutionReceiver.resolutionComplete}.
        """
        self._complete(self._addresses)
