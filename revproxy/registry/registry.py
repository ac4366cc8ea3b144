"""
The registry: zope's adapters from settings to components, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from twisted.web.iweb import IAccessLogFormatter
from twisted.web.resource import IResource
from zope.interface import implementedBy, providedBy
from zope.interface.adapter import AdapterRegistry
from zope.interface.exceptions import Invalid
from zope.interface.interface import InterfaceClass
from zope.interface.verify import verifyObject

from revproxy.config.messages import unknown
from revproxy.config.settings import Settings
from revproxy.interfaces import IBalancer, ICacheStore, IHealthChecker, IRequestFilter, IResponseFilter
from revproxy.registry.components import (
    ComponentError,
    ComponentFactory,
    ComponentSpec,
    Environment,
    Interfaces,
)
from revproxy.registry.offers import OURS, Offer, our_offer, their_offer

EXTENSION_POINTS = (
    IBalancer,
    ICacheStore,
    IHealthChecker,
    IRequestFilter,
    IResponseFilter,
    IAccessLogFormatter,
    IResource,
)
"""
The interfaces that outsiders implement.
"""


class Registry:
    """
    The components that a configuration file can name.

    Those of third parties are imported when they are first asked for, so a broken
    package is no concern of who does not use it.
    """

    def __init__(self) -> None:
        self._adapters: Any = AdapterRegistry()
        self._offers: dict[tuple[InterfaceClass, str], Offer] = {}
        self._factories: dict[tuple[InterfaceClass, str], ComponentFactory[Any]] = {}

    def add(self, interface: InterfaceClass, name: str, factory: ComponentFactory[Any]) -> None:
        """
        Offer a component of our own.
        """
        self._offer(interface, name, our_offer(factory))

    def load_entry_points(self, find: Callable[..., Iterable[EntryPoint]] = entry_points) -> None:
        """
        Offer what installed packages register.

        @param find: gives the entry points of a C{group}.
        """
        for interface in EXTENSION_POINTS:
            for found in find(group=f"{OURS}.{interface.__name__}"):
                self._offer(interface, found.name, their_offer(found))

    def _offer(self, interface: InterfaceClass, name: str, offer: Offer) -> None:
        """
        Nobody replaces another's component: two of a name are remembered as such.
        """
        before = self._offers.get((interface, name))
        origins = before.origins + offer.origins if before else offer.origins
        self._offers[interface, name] = Offer(origins, offer.load)

    def names(self, interfaces: Interfaces) -> list[str]:
        """
        @return: the names under which components of any of the interfaces are offered.
        """
        wanted = _several(interfaces)
        return sorted({name for interface, name in self._offers if interface in wanted})

    def settings(self, interfaces: Interfaces, name: str, noun: str = "component") -> type[Settings]:
        """
        @param noun: what such a component is called.
        @return: the model of what the file may say of the component.
        @raise ComponentError: there is none of the name, or it cannot be loaded.
        """
        factories = [self._factory(interface, name) for interface in self._offering(interfaces, name)]
        if not factories:
            raise ComponentError(unknown(noun, name, self.names(interfaces)))
        if any(factory != factories[0] for factory in factories):
            raise ComponentError(f"'{name}' is offered with a different factory for each of its interfaces")
        return factories[0].settings

    def build(self, interfaces: Interfaces, spec: ComponentSpec, environment: Environment) -> Any:
        """
        Make a component, in an environment that makes those which it has among its options.

        @param interfaces: what it is wanted for.  Of several it provides at least
            one: all those under which it is offered.
        @raise ComponentError: it cannot be made, or does not provide what it is for.
        """
        self.settings(interfaces, spec.type)
        offering = self._offering(interfaces, spec.type)
        required = [providedBy(spec.settings), providedBy(environment)]
        factory = self._adapters.lookup(required, offering[0], spec.type)
        if factory is None:
            raise ComponentError(f"'{spec.type}' does not take {type(spec.settings).__name__}")
        inside = replace(environment, build=lambda wanted, inner: self.build(wanted, inner, environment))
        try:
            made = factory(spec.settings, inside)
        except Exception as error:
            raise ComponentError(f"'{spec.type}' cannot be made: {type(error).__name__}: {error}") from error
        for interface in offering:
            _verify(interface, spec.type, made)
        return made

    def _offering(self, interfaces: Interfaces, name: str) -> list[InterfaceClass]:
        """
        @return: those of the interfaces under which the name is offered.
        """
        return [interface for interface in _several(interfaces) if (interface, name) in self._offers]

    def _factory(self, interface: InterfaceClass, name: str) -> ComponentFactory[Any]:
        """
        @return: the factory, registered as an adapter from now on.
        """
        if (interface, name) not in self._factories:
            try:
                factory = self._offers[interface, name].factory()
            except ComponentError as error:
                raise ComponentError(f"'{name}' {error}") from error
            adapted = [implementedBy(factory.settings), implementedBy(Environment)]
            self._adapters.register(adapted, interface, name, factory)
            self._factories[interface, name] = factory
        return self._factories[interface, name]


def _several(interfaces: Interfaces) -> Sequence[InterfaceClass]:
    return (interfaces,) if isinstance(interfaces, InterfaceClass) else interfaces


def _verify(interface: InterfaceClass, name: str, made: object) -> None:
    """
    @raise ComponentError: the object does not provide the interface.
    """
    try:
        verifyObject(interface, made)
    except Invalid as error:
        said = " ".join(str(error).split())
        raise ComponentError(f"'{name}' does not provide {interface.__name__}: {said}") from error
