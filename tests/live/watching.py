"""
Pairs of sockets, and a reactor that the test turns, to move octets between them.
"""

from __future__ import annotations

import re
import select
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IReadDescriptor, IReadWriteDescriptor, IWriteDescriptor
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from revproxy.flow.splice.ends import Inlet
from revproxy.flow.splice.pipes import Pipes
from revproxy.flow.splice.watch import IWatchingReactor, Watch, Watches, watches_by
from revproxy.flow.transport import IStreamTransport
from revproxy.interfaces import IFileSending, IOutlet

STOPPED = Failure(ConnectionLost())


@implementer(IWatchingReactor)
class WatchingClock(Clock):
    """
    Looks at descriptors when it is told to.

    @ivar readers: those that are watched for something to read.
    @ivar writers: those that are watched for room to write.
    """

    def __init__(self) -> None:
        super().__init__()
        self.readers: list[Any] = []
        self.writers: list[Any] = []

    def addReader(self, reader: IReadDescriptor) -> None:
        self.readers.append(reader)

    def addWriter(self, writer: IWriteDescriptor) -> None:
        self.writers.append(writer)

    def removeReader(self, reader: IReadDescriptor) -> None:
        if reader in self.readers:
            self.readers.remove(reader)

    def removeWriter(self, writer: IWriteDescriptor) -> None:
        if writer in self.writers:
            self.writers.remove(writer)

    def removeAll(self) -> list[IReadDescriptor | IWriteDescriptor]:
        raise NotImplementedError("nobody asks for it")

    def getReaders(self) -> list[IReadDescriptor]:
        return self.readers

    def getWriters(self) -> list[IWriteDescriptor]:
        return self.writers

    def turn(self) -> None:
        """
        Do what there is to be done now.
        """
        self.advance(0)
        readable, writable, _ = select.select(self.readers, self.writers, [], 0)
        for reader in readable:
            cast(IReadWriteDescriptor, reader).doRead()
        for writer in writable:
            cast(IReadWriteDescriptor, writer).doWrite()

    def received_at(self, end: HalfOfAPair, size: int) -> bytes:
        """
        Read so much at the far side of an end, while we turn.
        """
        end.far.setblocking(False)
        data = b""
        while len(data) < size:
            self.turn()
            try:
                data += end.far.recv(size - len(data))
            except BlockingIOError:
                continue
        return data


class HalfOfAPair:
    """
    As much of a transport as concerns those who move octets.

    @ivar near: its socket.
    @ivar far: the test's.
    @ivar paused: whether it reads nothing.
    @ivar aborted: whether it was closed at once.
    @ivar written: what went through the transport.
    """

    def __init__(self, test: SynchronousTestCase, tcp: bool) -> None:
        self.near, self.far = tcp_pair() if tcp else socket.socketpair()
        for each in (self.near, self.far):
            test.addCleanup(each.close)
        self.near.setblocking(False)
        self.far.settimeout(30)
        self.paused = self.aborted = False
        self.written = b""

    def fileno(self) -> int:
        return self.near.fileno()

    def write(self, data: bytes) -> None:
        self.written += data

    def pauseProducing(self) -> None:
        self.paused = True

    def abortConnection(self) -> None:
        self.aborted = True

    @property
    def transport(self) -> IStreamTransport:
        return cast(IStreamTransport, self)


def sockets_in(watch: Watch) -> list[int]:
    """
    The descriptors of the sockets that the system watches, as it has them in C{/proc}.
    """
    told = Path(f"/proc/self/fdinfo/{watch.fileno()}").read_text()
    return [int(number) for number in re.findall(r"^tfd:\s+(\d+)", told, re.M)]


def watches(test: SynchronousTestCase, reactor: IWatchingReactor) -> Watches:
    """
    What is told by a reactor, until the test ends.
    """
    made = watches_by(reactor)
    for each in made:
        test.addCleanup(each.connectionLost, STOPPED)
    return made


def let_go(pipes: Pipes) -> None:
    """
    Close the pipe that is kept.
    """
    pipe = pipes.take()
    if pipe is not None:
        pipe.close()


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """
    @return: both ends of a connection over TCP.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        near = socket.create_connection(listening.getsockname())
        far, _ = listening.accept()
    return near, far


class RecordingInlet(Inlet):
    """
    @ivar came: how many octets came, each time.
    @ivar releases: how many times the transport was released.
    """

    def __init__(self, end: HalfOfAPair) -> None:
        self.came: list[int] = []
        self.releases = 0
        super().__init__(end.transport, self.came.append, self._release)

    def _release(self) -> None:
        self.releases += 1


@implementer(IOutlet)
class RecordingOutlet:
    """
    @ivar went: how many octets went out, each time.
    @ivar told: what it was told besides.
    @ivar waiting: whether something was written that goes before.
    """

    def __init__(self, end: HalfOfAPair) -> None:
        self.went: list[int] = []
        self.told: list[str] = []
        self.waiting = False
        self._end = end

    def descriptor(self) -> int:
        return self._end.near.fileno()

    def unsent(self) -> bool:
        return self.waiting

    def moved(self, octets: int) -> None:
        self.went.append(octets)

    def write(self, data: bytes) -> None:
        self._end.write(data)

    def send_file(self, file: int, offset: int, octets: int, tell: Callable[[bool], None]) -> IFileSending:
        raise NotImplementedError("nobody asks for it")

    def full(self) -> None:
        self.told.append("full")

    def has_room(self) -> None:
        self.told.append("has room")

    def broken(self) -> None:
        self.told.append("broken")
