"""
A server on our reactor that answers once its client has said all::

    python -m tests.live.half_closing PORT

It counts what comes, and when the client has closed its direction, sends so much back and
closes its own.
"""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol, ITCPTransport
from twisted.internet.protocol import Protocol, ServerFactory
from typing_extensions import override
from zope.interface import implementer

from revproxy import reactor as ours


@implementer(IHalfCloseableProtocol)
class AnswersAtTheEnd(Protocol):
    """
    One connection.
    """

    transport: ITCPTransport
    size = 0

    @override
    def dataReceived(self, data: bytes) -> None:
        self.size += len(data)

    def readConnectionLost(self) -> None:
        """
        Implement L{IHalfCloseableProtocol}.
        """
        self.transport.write(b"x" * self.size)
        self.transport.loseWriteConnection()

    def writeConnectionLost(self) -> None:
        """
        Implement L{IHalfCloseableProtocol}.
        """
        self.transport.loseConnection()


def main(port: int) -> None:
    """
    Serve until told to end.
    """
    ours.install()
    from twisted.internet import reactor

    factory: Any = ServerFactory.forProtocol(AnswersAtTheEnd)
    reactor.listenTCP(port, factory, backlog=1000, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
