"""
C{type: tiered}: stores one below the other, the quickest on top.
"""

from __future__ import annotations

from pydantic import Field

from revproxy.components.stores.tiered.store import TieredStore
from revproxy.config.components import CacheStore
from revproxy.interfaces import ICacheStore
from revproxy.registry import Environment, Settings, component


class TieredSettings(Settings):
    """
    Keeps responses in several stores, and what is used again in the quicker ones.
    """

    stores: list[CacheStore] = Field(
        min_length=2, max_length=8, description="The stores, the quickest first, such as [memory, disk]."
    )


@component(TieredSettings)
def tiered(settings: TieredSettings, environment: Environment) -> TieredStore:
    """
    Make the store, with those in it.
    """
    stores = [environment.build(ICacheStore, spec) for spec in settings.stores]
    return TieredStore(environment.clock, stores)
