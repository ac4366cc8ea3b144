"""
What tests of writing have in common.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from tests.reactor.in_memory import Recorder, connected


@implementer(IHalfCloseableProtocol)
class Halves(Recorder):
    told = 0

    def readConnectionLost(self) -> None:
        pass

    def writeConnectionLost(self) -> None:
        self.told += 1


class Producer:
    """
    Remembers what it was told, and writes what it is to write when it is resumed.
    """

    def __init__(self, connection: Any, *pieces: bytes) -> None:
        self.connection = connection
        self.pieces = list(pieces)
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")
        if self.pieces:
            self.connection.write(self.pieces.pop(0))

    def stopProducing(self) -> None:
        self.told.append("stop")


class WritingCase(SynchronousTestCase):
    """
    A connection of a protocol that knows of half-closed ones.
    """

    def setUp(self) -> None:
        self.protocol = Halves()
        self.connection = connected(self.protocol)
        self.uv = self.connection.uv
