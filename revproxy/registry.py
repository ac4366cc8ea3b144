"""
Which components there are: settings adapt to components, by name.

A component's factory takes its settings and an L{Environment}; it is registered as a
zope adapter from both to the component's interface, under the name that the file
uses.  A third party registers one by an entry point of the group
C{revproxy.<IInterface>}::

    [options.entry_points]
    revproxy.IBalancer =
        power-of-two = their_package.balancers:power_of_two

A factory only makes the object.  It is called when the file is checked, too: what
opens files or starts timers does so when it is started or first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from random import Random
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IAccessLogFormatter
from zope.interface import implementedBy, providedBy
from zope.interface.adapter import AdapterRegistry
from zope.interface.exceptions import Invalid
from zope.interface.interface import InterfaceClass
from zope.interface.verify import verifyObject

from revproxy.config.messages import unknown
from revproxy.config.settings import Settings, option, required
from revproxy.errors import RevproxyError
from revproxy.interfaces import IBalancer, IRequestFilter, IResponseFilter

__all__ = [
    "ComponentError",
    "ComponentFactory",
    "ComponentSpec",
    "Environment",
    "Registry",
    "Settings",
    "component",
    "option",
    "required",
]

SettingsT = TypeVar("SettingsT", bound=Settings)

Interfaces: TypeAlias = InterfaceClass | Sequence[InterfaceClass]

OURS = "revproxy"

EXTENSION_POINTS = (IBalancer, IRequestFilter, IResponseFilter, IAccessLogFormatter)
"""
The interfaces that outsiders implement.
"""


class ComponentError(RevproxyError):
    """
    A component that the file names cannot be had.
    """


@dataclass(frozen=True)
class Environment:
    """
    What a component may use of the world.

    @ivar directory: where the configuration file is; paths are relative to it.
    """

    clock: IReactorTime
    random: Random
    directory: Path


class ComponentSpec(NamedTuple):
    """
    A component as the file asks for it.
    """

    type: str
    settings: Settings


@dataclass(frozen=True)
class ComponentFactory(Generic[SettingsT]):
    """
    Makes a component; what L{component} turns a function into.
    """

    settings: type[SettingsT]
    make: Callable[[SettingsT, Environment], object]

    def __call__(self, settings: SettingsT, environment: Environment) -> object:
        """
        Make the component.
        """
        return self.make(settings, environment)


def component(
    settings: type[SettingsT],
) -> Callable[[Callable[[SettingsT, Environment], object]], ComponentFactory[SettingsT]]:
    """
    Mark a function as the factory of a component.

    @param settings: what the file may say of it; L{Settings} itself where it has no
        options.
    """
    return lambda make: ComponentFactory(settings, make)


@dataclass(frozen=True)
class _Offer:
    """
    A component that can be had under a name.

    @ivar origins: the packages that offer it; more than one is a conflict.
    @ivar load: gives the factory; may raise anything.
    """

    origins: tuple[str, ...]
    load: Callable[[], object]

    def factory(self) -> ComponentFactory[Any]:
        """
        @raise ComponentError: it cannot be loaded, or is not to be told apart from
            another of the same name.
        """
        if len(self.origins) > 1:
            raise ComponentError(f"is offered by {' and '.join(self.origins)}: remove all but one of them")
        try:
            loaded = self.load()
        except Exception as error:
            raise ComponentError(
                f"is offered by {self.origins[0]}, which cannot be imported: {type(error).__name__}: {error}"
            ) from error
        if not isinstance(loaded, ComponentFactory):
            raise ComponentError(
                f"is offered by {self.origins[0]} as {loaded!r:.60}, which is not marked with"
                " @revproxy.registry.component"
            )
        return loaded


class Registry:
    """
    The components that a configuration file can name.

    Those of third parties are imported when they are first asked for, so a broken
    package is no concern of who does not use it.
    """

    def __init__(self) -> None:
        self._adapters: Any = AdapterRegistry()
        self._offers: dict[tuple[InterfaceClass, str], _Offer] = {}
        self._factories: dict[tuple[InterfaceClass, str], ComponentFactory[Any]] = {}

    def add(self, interface: InterfaceClass, name: str, factory: ComponentFactory[Any]) -> None:
        """
        Offer a component of our own.
        """
        self._offer(interface, name, _Offer((OURS,), lambda: factory))

    def load_entry_points(self, find: Callable[..., Iterable[EntryPoint]] = entry_points) -> None:
        """
        Offer what installed packages register.

        @param find: gives the entry points of a C{group}.
        """
        for interface in EXTENSION_POINTS:
            for found in find(group=f"{OURS}.{interface.__name__}"):
                self._offer(interface, found.name, _Offer((_origin(found),), found.load))

    def _offer(self, interface: InterfaceClass, name: str, offer: _Offer) -> None:
        """
        Nobody replaces another's component: two of a name are remembered as such.
        """
        before = self._offers.get((interface, name))
        origins = before.origins + offer.origins if before else offer.origins
        self._offers[interface, name] = _Offer(origins, offer.load)

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
        Make a component.

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
        try:
            made = factory(spec.settings, environment)
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


def _origin(entry_point: EntryPoint) -> str:
    """
    @return: the package that an entry point belongs to, with its version.
    """
    return f"{entry_point.dist.name} {entry_point.dist.version}" if entry_point.dist else entry_point.value


def _verify(interface: InterfaceClass, name: str, made: object) -> None:
    """
    @raise ComponentError: the object does not provide the interface.
    """
    try:
        verifyObject(interface, made)
    except Invalid as error:
        said = " ".join(str(error).split())
        raise ComponentError(f"'{name}' does not provide {interface.__name__}: {said}") from error
