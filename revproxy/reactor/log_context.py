"""
The prefix of what a protocol logs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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


def _has_own_prefix(protocol: Any) -> bool:
    while isinstance(protocol, ProtocolWrapper | _WrappingProtocol):
        wrapper = protocol
        protocol = (
            wrapper.wrappedProtocol if isinstance(wrapper, ProtocolWrapper) else wrapper._wrappedProtocol
        )
    log_prefix = getattr(type(protocol), "logPrefix", Protocol.logPrefix)
    return log_prefix is not Protocol.logPrefix
