"""
The sending direction of a stream transport.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol

from revproxy.reactor.stream import Stream


def ignore(data: object) -> None:
    """
    What C{write} is once nothing can be written.
    """


class WritingSide(Stream):
    """
    Writing, producers, and the end of what we send.

    @ivar write: uvloop's own method while that is possible.
    @ivar writeSequence: the same for several pieces.
    @ivar producer: what writes as fast as the peer reads, or L{None}.
    @ivar _full: more than 64 KiB wait to be sent, and not all have been since.
    @ivar _write_ending: C{loseWriteConnection} was called.
    """

    producer: Any = None
    streamingProducer = False
    producerPaused = False
    write: Callable[[bytes], None]
    writeSequence: Callable[[Iterable[bytes]], None]
    _full = False
    _write_ending = False

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """
        Implement L{IConsumer}.

        @raise RuntimeError: there is a producer already.
        """
        if self.producer is not None:
            raise RuntimeError(
                f"Cannot register producer {producer}, because producer {self.producer} was never"
                " unregistered."
            )
        if self.disconnected:
            producer.stopProducing()
            return
        self.producer, self.streamingProducer, self.producerPaused = producer, streaming, False
        if not streaming:
            self._start_pulling()
        elif self._full:
            self._pause_producer()

    def unregisterProducer(self) -> None:
        """
        Implement L{IConsumer}.
        """
        if self.producer is not None and not self.streamingProducer:
            self._stop_pulling()
        self.producer = None
        if self.connected and self.disconnecting:
            self._close()
        elif self.connected and self._write_ending:
            self._end_writing_when_sent()

    def pause_writing(self) -> None:
        """
        Take uvloop's word that much waits to be sent.
        """
        self._full = True
        if self.producer is not None and self.streamingProducer and not self._write_ending:
            self._pause_producer()

    def resume_writing(self) -> None:
        """
        Take uvloop's word that all has been sent.
        """
        self._full = False
        if self.producer is not None and (self.producerPaused or not self.streamingProducer):
            self._resume_producer()
        elif self.disconnecting:
            self._close()
        elif self._write_ending:
            self._end_writing()

    def unsent(self) -> int:
        """
        @return: how many octets wait to be sent.
        """
        return int(self._uv.get_write_buffer_size())

    def loseWriteConnection(self) -> None:
        """
        Implement L{ITCPTransport}: end our direction once all is sent.
        """
        if self.connected and not self._write_ending:
            self._write_ending = True
            if self.producer is None or not self._producer_to_be_waited_for():
                self._end_writing_when_sent()

    def _producer_to_be_waited_for(self) -> bool:
        """
        Whether there is more to come, as the producer was not let write it yet.
        """
        return self.producer is not None and (self.producerPaused or not self.streamingProducer)

    def _pause_producer(self) -> None:
        self.producerPaused = True
        self.producer.pauseProducing()

    def _resume_producer(self) -> None:
        self.producerPaused = False
        self.producer.resumeProducing()

    def _start_pulling(self) -> None:
        """
        A pull producer is asked for more whenever all that it wrote has been sent.
        """
        self.write, self.writeSequence = self._write_pulled, self._write_sequence_pulled
        self._uv.set_write_buffer_limits(0, 0)
        self.producer.resumeProducing()

    def _stop_pulling(self) -> None:
        self._uv.set_write_buffer_limits()
        if self.write == self._write_pulled:
            self._write_to_uv()

    def _write_to_uv(self) -> None:
        self.write, self.writeSequence = self._uv.write, self._uv.writelines

    def _write_pulled(self, data: bytes) -> None:
        self._uv.write(data)
        if data:
            self.reactor.loop.call_soon(self._pull, self.producer)

    def _write_sequence_pulled(self, pieces: Iterable[bytes]) -> None:
        self._write_pulled(b"".join(pieces))

    def _pull(self, producer: Any) -> None:
        """
        Ask for more, unless uvloop is going to tell when all has been sent.
        """
        if self.producer is producer and not self._full:
            producer.resumeProducing()

    def _end_writing_when_sent(self) -> None:
        if self._uv.get_write_buffer_size():
            self._uv.set_write_buffer_limits(0, 0)
        else:
            self._end_writing()

    def _end_writing(self) -> None:
        self.write = self.writeSequence = ignore
        self._uv.write_eof()
        self.reactor.loop.call_soon(self._write_connection_lost)

    def _write_connection_lost(self) -> None:
        half_closeable = IHalfCloseableProtocol(self._protocol, None)
        if half_closeable is not None:
            half_closeable.writeConnectionLost()

    def _close(self) -> None:
        """
        Close the connection once all is sent.
        """
        self.write = self.writeSequence = ignore
        self._uv.close()
