"""
Leaving out the one who has nothing more to say.
"""

from __future__ import annotations

from typing import Any, cast

from twisted.internet.interfaces import IProtocol

from revproxy.flow.transport import IStreamTransport


def connect_directly(transport: IStreamTransport, protocol: IProtocol) -> None:
    """
    Have a transport tell a protocol itself what comes.  A client's endpoint stands between
    them, so that it learns when the connection is made; later on it only passes on each call.
    """
    if hasattr(transport, "protocol"):
        cast(Any, transport).protocol = protocol
