"""
The prefix of what a protocol logs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from twisted.internet.endpoints import _WrappingProtocol
from twisted.internet.protocol import Protocol
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.log import callWithContext


def with_prefix(protocol: Any, receive: Callable[[bytes], object]) -> Callable[[bytes], object] | None:
    """
    @param receive: what is called with data for C{protocol}.
    @return: what does the same within the protocol's prefix, where it has one of its
        own; L{None} where it has not: it is spared the time, and logs without.
    """
    if _has_own_prefix(protocol):
        return partial(callWithContext, {"system": protocol.logPrefix()}, receive)
    return None


@lru_cache
def is_plain(kind: type) -> bool:
    """
    Found out once for each class.

    @return: whether its protocols can be called as they are for as long as they live: they
        have no prefix, wrap none that may have one, and cannot put another method in the
        place of their own.
    """
    wraps = issubclass(kind, ProtocolWrapper | _WrappingProtocol)
    return not (wraps or kind.__dictoffset__ or _names_itself(kind))


def _names_itself(kind: type) -> bool:
    return getattr(kind, "logPrefix", Protocol.logPrefix) is not Protocol.logPrefix


def _has_own_prefix(protocol: Any) -> bool:
    while isinstance(protocol, ProtocolWrapper | _WrappingProtocol):
        wrapper = protocol
        protocol = (
            wrapper.wrappedProtocol if isinstance(wrapper, ProtocolWrapper) else wrapper._wrappedProtocol
        )
    return _names_itself(type(protocol))
