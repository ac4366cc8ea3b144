"""
What stands between a transport and the producer that writes to it.
"""

from __future__ import annotations

from twisted.internet.interfaces import IPushProducer
from zope.interface import classImplements


class Membrane:
    """
    Lets through each pause and each resumption once, although both the transport and the
    encryption ask for them.
    """

    __slots__ = ("paused", "producer")

    def __init__(self, producer: IPushProducer) -> None:
        self.producer = producer
        self.paused = False

    def pauseProducing(self) -> None:
        """
        Implement L{IPushProducer.pauseProducing}.
        """
        if not self.paused:
            self.paused = True
            self.producer.pauseProducing()

    def resumeProducing(self) -> None:
        """
        Implement L{IPushProducer.resumeProducing}.
        """
        if self.paused:
            self.paused = False
            self.producer.resumeProducing()

    def stopProducing(self) -> None:
        """
        Implement L{IPushProducer.stopProducing}.
        """
        self.producer.stopProducing()


classImplements(Membrane, IPushProducer)
