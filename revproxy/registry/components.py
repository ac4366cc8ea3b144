"""
What a component is made of: its settings, its environment, and its factory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from secrets import token_bytes
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from twisted.internet.interfaces import IReactorTime
from zope.interface.interface import InterfaceClass

from revproxy.config.settings import Settings
from revproxy.errors import RevproxyError

SettingsT = TypeVar("SettingsT", bound=Settings)


class ComponentError(RevproxyError):
    """
    A component that the file names cannot be had.
    """


class ComponentSpec(NamedTuple):
    """
    A component as the file asks for it.
    """

    type: str
    settings: Settings


Interfaces: TypeAlias = InterfaceClass | Sequence[InterfaceClass]


def _nobody_builds(interfaces: Interfaces, spec: ComponentSpec) -> Any:
    raise ComponentError(f"'{spec.type}' cannot be made: no registry makes the component that it is within")


@dataclass(frozen=True)
class Environment:
    """
    What a component may use of the world.

    @ivar directory: where the configuration file is; paths are relative to it.
    @ivar secret: known to this process alone, and the same as long as it runs.  What is
        to be a secret of one purpose has to be derived from it.
    @ivar build: makes a component that another has among its options; see
        L{revproxy.registry.Registry.build}, which gives it.
    """

    clock: IReactorTime
    random: Random
    directory: Path
    secret: bytes = field(default_factory=token_bytes, repr=False)
    build: Callable[[Interfaces, ComponentSpec], Any] = field(default=_nobody_builds, repr=False)


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
