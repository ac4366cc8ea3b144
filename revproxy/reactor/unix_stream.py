"""
Connections over UNIX sockets.
"""

from __future__ import annotations

from twisted.internet.error import FileDescriptorOverrun
from twisted.internet.interfaces import IUNIXTransport
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import implementer

from revproxy.reactor.descriptor_queue import DescriptorQueue
from revproxy.reactor.reasons import LOST
from revproxy.reactor.transport import StreamTransport

_MOST_DESCRIPTORS = 64


@implementer(IUNIXTransport)
class UNIXStream(StreamTransport):
    """
    A connection over a UNIX socket.

    @ivar _queue: what waits to be sent, while descriptors are among it.
    """

    _queue: DescriptorQueue | None = None

    def sendFileDescriptor(self, descriptor: int) -> None:
        """
        Implement L{IUNIXTransport}.
        """
        if self._queue is None:
            if not self._can_write():
                return
            self._queue = DescriptorQueue(
                self.reactor.loop, self.socket, self._uv.get_write_buffer_size, self._descriptors_sent
            )
            self.write = self._queue.write  # type: ignore[method-assign]
            self.reactor.loop.call_soon(self._check_descriptors)
        self._queue.add(descriptor)
        if len(self._queue) > _MOST_DESCRIPTORS and not self._full:
            self.pause_writing()

    def _check_descriptors(self) -> None:
        if self.connected and self._queue is not None and self._queue.overrun:
            self._fail(Failure(FileDescriptorOverrun()))

    def _descriptors_sent(self, error: OSError | None) -> None:
        queue, self._queue = self._queue, None
        if error is not None or queue is None:
            self._fail(LOST)
            return
        self._uv.write(queue.take())
        self._write_as_usual()
        if not self._uv.get_write_buffer_size():
            self.resume_writing()

    @override
    def _end_writing(self) -> None:
        if self._queue is None:
            super()._end_writing()

    @override
    def _close(self) -> None:
        self._check_descriptors()
        if self._queue is None:
            super()._close()

    @override
    def _end(self, reason: Failure) -> None:
        queue, self._queue = self._queue, None
        if queue is not None:
            queue.close()
        super()._end(reason)

    @override
    def _reset_on_close(self) -> None:
        """
        There is no reset on UNIX sockets.
        """

    @override
    def getTcpNoDelay(self) -> bool:
        return False

    @override
    def setTcpNoDelay(self, enabled: bool) -> None:
        """
        There is no such thing here.
        """
