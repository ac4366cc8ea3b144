"""
C{type: disk}: responses in a directory that processes share.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from revproxy.config.units import Size
from revproxy.config.values import AnyPath
from revproxy.interfaces import ICacheStore
from revproxy.registry import Environment, Settings, component, option, required

_LEAST = 16 << 20


class DiskSettings(Settings):
    """
    Keeps responses in a directory, which several processes may share.
    """

    path: AnyPath = required(
        "The directory, for this cache alone; it is made where there is none in a directory that is there."
    )
    size: Size = option("10GiB", "How much of the disk it takes at most, with everything counted.")
    max_object: Size = option("64MiB", "How large the body of a response may be.")
    open_files: int = Field(512, ge=1, description="How many bodies each process may have open at once.")

    @model_validator(mode="after")
    def _refuse_what_cannot_be_kept(self) -> Self:
        if self.size < _LEAST:
            raise ValueError("size must be at least 16MiB")
        if self.max_object > self.size // 2:
            raise ValueError("max_object is more than half of size")
        return self


@component(DiskSettings)
def disk(settings: DiskSettings, environment: Environment) -> ICacheStore:
    """
    Make the store.

    @raise RuntimeError: what it needs is not installed.
    """
    try:
        from revproxy.components.stores.disk.store import DiskStore
    except ImportError as error:
        raise RuntimeError("it needs the package lmdb: pip install 'revproxy[cache]'") from error
    return DiskStore(
        environment.clock, settings.path, settings.size, settings.max_object, settings.open_files
    )
