"""
How a route uses a cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.purging import Purge
from revproxy.wire.caching.keys import KeyRule
from revproxy.wire.caching.policy import Policy
from revproxy.wire.caching.status import CacheStatus
from revproxy.wire.networks import Networks

NOBODY: Final = Networks()


@dataclass(frozen=True, slots=True)
class CacheTerms:
    """
    What its exchanges share.

    @ivar rule: what the key of a request is made of.
    @ivar policy: what the operator chose of the rules.
    @ivar status: writes C{Cache-Status}; C{None} where clients are not told.
    @ivar join_timeout: for how many seconds a request waits for an equal one to be
        answered; 0 where each goes to a server.
    @ivar heeds_clients: whether what clients say in C{Cache-Control} counts.
    @ivar purgers: who may purge; where that is nobody, PURGE is a method like any other.
    """

    cache: Cache
    purge: Purge
    rule: KeyRule
    policy: Policy
    status: CacheStatus | None
    join_timeout: float = 5.0
    heeds_clients: bool = True
    purgers: Networks = NOBODY
