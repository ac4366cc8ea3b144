"""
Twisted's reactor on libuv's own transports.

Twisted's stock reactors read and write sockets in Python.  This one is Twisted's asyncio
reactor on a uvloop loop, and its stream connections are uvloop's: what a protocol calls to
write is uvloop's own method, and uvloop calls the protocol's C{dataReceived} itself.
Everything else (datagrams, descriptors, timers, threads, processes) is the asyncio
reactor's.
"""

from __future__ import annotations

from importlib import import_module

NAME = "revproxy-uvloop"
"""
What C{twistd --reactor} calls it.
"""


def is_available() -> bool:
    """
    Whether uvloop, which this reactor runs on, is there and works.
    """
    try:
        import_module("uvloop")
    except ImportError:
        return False
    return True


def install() -> None:
    """
    Make it the global reactor of this process.

    @raise ImportError: uvloop is not installed.
    @raise ReactorAlreadyInstalledError: there is a global reactor already.
    """
    from revproxy.reactor import uv_reactor

    uv_reactor.install()
