"""
Producers that want to be asked for each part, beside those that want to be stopped.
"""

from __future__ import annotations

from twisted.internet.interfaces import IPullProducer, IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class PulledProducer:
    """
    Asks a pull producer for more whenever it has written, unless it is paused.

    A producer that writes later than it is asked is not asked again before.
    """

    def __init__(self, producer: IPullProducer) -> None:
        self._producer = producer
        self._wanted = True
        self._paused = False
        self._stopped = False
        self._asking = False

    def wrote(self) -> None:
        """
        The producer has written what it was asked for.
        """
        self._wanted = True
        self._ask()

    def end(self) -> None:
        """
        The producer has no more.
        """
        self._stopped = True

    def pauseProducing(self) -> None:
        """
        Implement L{IPushProducer.pauseProducing}.
        """
        self._paused = True

    def resumeProducing(self) -> None:
        """
        Implement L{IPushProducer.resumeProducing}.
        """
        self._paused = False
        self._ask()

    def stopProducing(self) -> None:
        """
        Implement L{IProducer.stopProducing}.
        """
        self._stopped = True
        self._producer.stopProducing()

    def _ask(self) -> None:
        """
        Whoever writes while it is asked comes back to the loop that runs already.
        """
        if self._asking:
            return
        self._asking = True
        try:
            while self._wanted and not (self._paused or self._stopped):
                self._wanted = False
                self._producer.resumeProducing()
        finally:
            self._asking = False
