"""
Tests of L{revproxy.discovery.system}.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer

from revproxy.discovery.answers import ANY_FAMILY, Addresses, LookUpFailed, Services
from revproxy.discovery.system import SystemResolver
from tests.discovery.resolvers import FakeResolver, service


@implementer(IHostResolution)
class Resolution:
    """
    A look-up that goes on in a thread.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        raise NotImplementedError("a thread cannot be stopped")


@implementer(IHostnameResolver)
class Threads:
    """
    Looks up names when the test says so.

    @ivar busy: the look-ups that go on, each with the types of addresses.
    """

    def __init__(self) -> None:
        self.busy: list[tuple[str, Sequence[type[IAddress]] | None]] = []
        self._receivers: list[IResolutionReceiver] = []

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        self.busy.append((hostName, addressTypes))
        self._receivers.append(resolutionReceiver)
        resolution = Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        return resolution

    def finish(self, *addresses: IAddress) -> None:
        self.busy.pop(0)
        receiver = self._receivers.pop(0)
        for address in addresses:
            receiver.addressResolved(address)
        receiver.resolutionComplete()


class Reactor:
    """
    As much of a reactor as looks up names.
    """

    def __init__(self) -> None:
        self.nameResolver = Threads()


ONE = IPv4Address("TCP", "192.0.2.1", 0)
SIX = IPv6Address("TCP", "2001:db8::1", 0)


class SystemResolverTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        reactor = Reactor()
        self.threads = reactor.nameResolver
        self.dns = FakeResolver()
        self.resolver = SystemResolver(
            cast(IReactorPluggableNameResolver, reactor), ANY_FAMILY, 7.0, self.dns
        )

    def test_addresses(self) -> None:
        """
        The system's addresses hold as long as it was said.
        """
        answer = self.resolver.addresses("app")
        self.assertEqual(self.threads.busy, [("app", [IPv4Address, IPv6Address])])
        self.assertNoResult(answer)
        self.threads.finish(ONE, SIX)
        self.assertEqual(
            self.successResultOf(answer), Addresses(["192.0.2.1", "2001:db8::1"], 7.0, frozenset())
        )

    def test_family(self) -> None:
        """
        Of one version of IP only such addresses are asked for.
        """
        reactor = Reactor()
        resolver = SystemResolver(cast(IReactorPluggableNameResolver, reactor), {6}, 7.0, self.dns)
        resolver.addresses("app")
        self.assertEqual(reactor.nameResolver.busy, [("app", [IPv6Address])])

    def test_none(self) -> None:
        """
        The system tells of no reason why there is no address.
        """
        answer = self.resolver.addresses("app")
        self.threads.finish(UNIXAddress("/run/app.sock"))
        self.failureResultOf(answer, LookUpFailed)

    def test_zones(self) -> None:
        """
        An address of a link comes with its zone.
        """
        answer = self.resolver.addresses("app")
        self.threads.finish(IPv6Address("TCP", "fe80::1%2", 0, 0, 2), IPv6Address("TCP", "fe80::2", 0))
        self.assertEqual(self.successResultOf(answer).addresses, ["fe80::1%2", "fe80::2"])

    def test_one_thread_a_name(self) -> None:
        """
        Pitfall 44: however often a name is asked for, one thread looks it up.
        """
        first = self.resolver.addresses("app")
        first.addErrback(lambda _: None)
        first.cancel()
        others = [self.resolver.addresses("app"), self.resolver.addresses("app")]
        self.resolver.addresses("other")
        self.assertEqual([name for name, _ in self.threads.busy], ["app", "other"])
        self.threads.finish(ONE)
        for answer in others:
            self.assertEqual(self.successResultOf(answer).addresses, ["192.0.2.1"])

    def test_again(self) -> None:
        """
        Once there is an answer the next who asks gets a new one.
        """
        self.resolver.addresses("app")
        self.threads.finish(ONE)
        answer = self.resolver.addresses("app")
        self.threads.finish(SIX)
        self.assertEqual(self.successResultOf(answer).addresses, ["2001:db8::1"])

    def test_services(self) -> None:
        """
        For services DNS is asked, as the system knows none.
        """
        answer = self.resolver.services("_app._tcp.test")
        self.dns.offer("_app._tcp.test", service("one.test"), ttl=3.0)
        self.assertEqual(self.successResultOf(answer), Services((service("one.test"),), 3.0))
