"""
Tests of L{revproxy.interfaces}: whoever says that it implements one does.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import Interface, implementedBy
from zope.interface.interface import InterfaceClass
from zope.interface.verify import verifyClass, verifyObject

import revproxy
from revproxy import interfaces
from revproxy.flow.relay import Relay
from revproxy.flow.route import RouteSettings
from revproxy.testing import StandInServer
from tests import fakes
from tests.flow import relay_case, tunnel_ends, upstream_side


def modules() -> Iterator[ModuleType]:
    """
    All of ours.
    """
    for found in pkgutil.walk_packages(revproxy.__path__, "revproxy."):
        if not found.name.endswith("__mypyc"):  # the library with what is compiled
            yield import_module(found.name)


def classes(module: ModuleType) -> Iterator[type]:
    """
    Those that are defined there.
    """
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__:
            yield value


def implemented(implementer: type) -> list[InterfaceClass]:
    return [interface for interface in implementedBy(implementer).flattened() if interface is not Interface]


def ours() -> list[InterfaceClass]:
    found = [value for value in vars(interfaces).values() if isinstance(value, InterfaceClass)]
    return [interface for interface in found if interface.__module__.startswith(interfaces.__name__)]


class InterfacesTests(SynchronousTestCase):
    def test_classes(self) -> None:
        """
        Every class of ours has the methods, with the arguments, of every interface that
        it declares, Twisted's included.
        """
        seen = 0
        for module in modules():
            for each in classes(module):
                for interface in implemented(each):
                    self.assertTrue(verifyClass(interface, each), (each, interface))
                    seen += 1
        self.assertGreater(seen, 30)

    def test_all_are_implemented(self) -> None:
        """
        There is no interface that nothing of ours implements.
        """
        declared = {
            interface for module in modules() for each in classes(module) for interface in implemented(each)
        }
        self.assertEqual([interface for interface in ours() if interface not in declared], [])

    def test_documented(self) -> None:
        """
        Each interface, and each of its methods and attributes, says what it is for.
        """
        for interface in ours():
            self.assertTrue(interface.getDoc(), interface)
            for name in interface.names():
                self.assertTrue(interface[name].getDoc(), (interface, name))


class ObjectsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.server = upstream_side.AttendedServer().server

    def test_flow(self) -> None:
        """
        A relay, a server and the end of a tunnel are what both sides take them for.
        """
        route = RouteSettings(upstream_side.an_upstream([self.server]), self.clock)
        relay = Relay(fakes.an_exchange(), route)
        verifyObject(interfaces.IReceiver, relay)
        verifyObject(interfaces.IAnswerReceiver, relay)
        verifyObject(interfaces.IServer, self.server)
        verifyObject(interfaces.IConnectionOwner, self.server)
        verifyObject(interfaces.ITunnelEnd, tunnel_ends.TunnelConnection(self.clock).end)

    def test_stand_ins(self) -> None:
        """
        What stands in for a part in a test has all that the part has.
        """
        for interface, stand_in in [
            (interfaces.IServer, StandInServer()),
            (interfaces.IDownstream, fakes.RecordingDownstream()),
            (interfaces.IDownstream, tunnel_ends.SwitchingDownstream(self.clock)),
            (interfaces.IReceiver, fakes.RecordingReceiver()),
            (interfaces.IUpstreamConnection, upstream_side.RecordingConnection()),
            (interfaces.IUpstreamClient, upstream_side.WaitingClient()),
            (interfaces.IBalancer, upstream_side.FirstOfAll()),
            (interfaces.IRequestFilter, relay_case.Filtering()),
        ]:
            self.assertTrue(verifyObject(interface, stand_in))
