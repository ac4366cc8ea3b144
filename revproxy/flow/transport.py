"""
What our protocols ask of a transport.
"""

from __future__ import annotations

from twisted.internet.interfaces import IConsumer, IPushProducer, ISystemHandle, ITCPTransport


class IStreamTransport(ITCPTransport, IConsumer, IPushProducer, ISystemHandle):
    """
    A stream with two directions that end on their own, and whose reading can be
    paused, as all stream transports of Twisted's reactors are.
    """
