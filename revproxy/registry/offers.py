"""
What is offered under a name, by whom, before it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

from revproxy.registry.components import ComponentError, ComponentFactory

OURS = "revproxy"
"""
Who offers what comes with the proxy; the groups of entry points begin with it.
"""


@dataclass(frozen=True)
class Offer:
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


def our_offer(factory: ComponentFactory[Any]) -> Offer:
    """
    @return: the offer of a component of our own.
    """
    return Offer((OURS,), lambda: factory)


def their_offer(entry_point: EntryPoint) -> Offer:
    """
    @return: the offer of an installed package, which is named with its version.
    """
    package = entry_point.dist
    origin = f"{package.name} {package.version}" if package else entry_point.value
    return Offer((origin,), entry_point.load)
