"""
C{type: memory}: responses in the process's own memory.
"""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from revproxy.components.stores.memory.store import MemoryStore
from revproxy.config.units import Size
from revproxy.registry import Environment, Settings, component, option

_LEAST = 1 << 20


class MemorySettings(Settings):
    """
    Keeps responses in the process's own memory.
    """

    size: Size = option("256MiB", "How much memory it takes at most, with everything counted.")
    max_object: Size = option("8MiB", "How large the body of a response may be.")

    @model_validator(mode="after")
    def _refuse_what_cannot_be_kept(self) -> Self:
        if self.size < _LEAST:
            raise ValueError("size must be at least 1MiB")
        if self.max_object > self.size:
            raise ValueError("max_object is more than size")
        return self


@component(MemorySettings)
def memory(settings: MemorySettings, environment: Environment) -> MemoryStore:
    """
    Make the store.
    """
    return MemoryStore(settings.size, settings.max_object)
