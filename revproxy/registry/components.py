"""
What a component is made of: its settings, its environment, and its factory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Generic, NamedTuple, TypeVar

from twisted.internet.interfaces import IReactorTime

from revproxy.config.settings import Settings
from revproxy.errors import RevproxyError

SettingsT = TypeVar("SettingsT", bound=Settings)


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
