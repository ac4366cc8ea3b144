"""
The sending direction of a stream transport.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol

from revproxy.reactor.stream import Stream


class WritingSide(Stream):
    """
    Writing, producers, and the end of what we send.

    @ivar producer: what writes as fast as the peer reads, or L{None}.
    @ivar _full: more than C{bufferSize} octets wait to be sent, and since then uvloop has
        not told that its low mark was reached, which is 16 KiB at most.  It is none at all
        where a size was set, and with a pull producer.
    @ivar _write_ending: C{loseWriteConnection} was called.
    @ivar _pulling: a pull producer will be asked for more in the next turn.
    @ivar _buffer_size: when a streaming producer is paused, if that was set.
    """

    producer: Any = None
    streamingProducer = False
    producerPaused = False
    _full = False
    _write_ending = False
    _pulling = False
    _buffer_size: int | None = None

    def write(self, data: bytes) -> None:
        """
        Implement L{ITransport}: ignore what can no longer be sent.  As long as it can, an
        attribute of this name is uvloop's own method, or one of ours that does more.
        """

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """
        Implement L{ITransport}.

        @raise TypeError: not all of the pieces are bytes.
        """
        try:
            data = b"".join(iovec)
        except TypeError:
            raise TypeError("Data must be bytes") from None
        self.write(data)

    @property
    def bufferSize(self) -> int:
        """
        When a streaming producer is paused: once more octets wait to be sent.
        """
        return 64 * 1024 if self._buffer_size is None else self._buffer_size

    @bufferSize.setter
    def bufferSize(self, size: int) -> None:
        self._buffer_size = size
        if self._can_write():
            self._write_as_usual()

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

    def stopConsuming(self) -> None:
        """
        Let go of the producer, and close once all is sent.
        """
        self.unregisterProducer()
        self.loseConnection()

    def unregisterProducer(self) -> None:
        """
        Implement L{IConsumer}.
        """
        producer, self.producer = self.producer, None
        if producer is not None and not self.streamingProducer and self._can_write():
            self._write_as_usual()
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
        Take uvloop's word that no more is left to be sent than its low mark.
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
        self._call(self.producer.resumeProducing)

    def _start_pulling(self) -> None:
        """
        A pull producer is asked for more whenever all that it wrote has been sent.
        """
        self._write_as_usual()
        self.producer.resumeProducing()
        self._pull_soon()

    def _can_write(self) -> bool:
        return "write" in vars(self) and not self.TLS

    def _write_no_more(self) -> None:
        vars(self).pop("write", None)

    def _write_as_usual(self) -> None:
        """
        Have uvloop take what is written, and tell us when that is due.
        """
        if self.producer is not None and not self.streamingProducer:
            self.write = self._write_pulled  # type: ignore[method-assign]
            self._uv.set_write_buffer_limits(0, 0)
        elif self._buffer_size is not None:
            self.write = self._write_counted  # type: ignore[method-assign]
            self._uv.set_write_buffer_limits(self._buffer_size, 0)
        else:
            self.write = self._uv.write  # type: ignore[method-assign]
            self._uv.set_write_buffer_limits()

    def _write_pulled(self, data: bytes) -> None:
        self._uv.write(data)
        if data:
            self._pull_soon()

    def _write_counted(self, data: bytes) -> None:
        """
        Pause a producer that writes too much at once, even if the kernel took it all.
        """
        self._uv.write(data)
        if len(data) > self.bufferSize and not self._full:
            self.pause_writing()
            self.reactor.loop.call_soon(self._resume_if_sent)

    def _resume_if_sent(self) -> None:
        if self.connected and not self._uv.get_write_buffer_size():
            self.resume_writing()

    def _pull_soon(self) -> None:
        if not self._pulling:
            self._pulling = True
            self.reactor.loop.call_soon(self._pull)

    def _pull(self) -> None:
        """
        Ask for more, unless uvloop is going to tell when all has been sent.
        """
        self._pulling = False
        if self.producer is not None and not self.streamingProducer and not self._full:
            self._call(self.producer.resumeProducing)

    def _end_writing_when_sent(self) -> None:
        if self._uv.get_write_buffer_size():
            self._uv.set_write_buffer_limits(0, 0)
        else:
            self._end_writing()

    def _end_writing(self) -> None:
        self._write_no_more()
        self._uv.write_eof()
        self.reactor.loop.call_soon(self._write_connection_lost)

    def _write_connection_lost(self) -> None:
        half_closeable = IHalfCloseableProtocol(self.protocol, None)
        if half_closeable is not None:
            self._call(half_closeable.writeConnectionLost)

    def _close(self) -> None:
        """
        Close the connection once all is sent.
        """
        self._write_no_more()
        self._uv.close()
