"""
The half of a TLS connection that writes: encrypts, holds back, and asks its producer to wait.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import cast

from OpenSSL import SSL
from twisted.internet._producer_helpers import _PullToPush
from twisted.internet.interfaces import IProducer, IPushProducer
from typing_extensions import override

from revproxy.edge.tls.engine import BURST, Engine, WriteBlocked
from revproxy.edge.tls.membrane import Membrane
from revproxy.edge.tls.records import SEGMENT, RecordPace
from revproxy.edge.tls.transport import TLSTransport


class TLSWriter(TLSTransport):
    """
    What is written can be encrypted once the handshake is done; until then it is held.

    @ivar disconnecting: whether we have been asked to close.  Only a producer that is
        registered may write on.
    @ivar _send: hands octets to the transport below.
    @ivar _established: whether the handshake is done, and the connection is not over.
    @ivar _over: whether nothing is encrypted or decrypted any more.
    @ivar _writable: whether what is written is encrypted at once.
    @ivar _held: what was written before it could be encrypted.
    """

    __deletable__ = ("_engine",)  # asked for by the compiler
    disconnecting = False
    _engine: Engine
    _send: Callable[[bytes], None]
    _pace: RecordPace
    _established = False
    _over = False
    _writable = False
    _producer: Membrane | None = None

    def __init__(self) -> None:
        self._held: list[bytes] = []

    @override
    def write(self, data: bytes) -> None:
        if not self._writable:
            self._write_later(data)
        elif len(data) > SEGMENT:
            self._write_long(data)
        elif data:
            try:
                encrypted = self._engine.encrypt(data)
            except WriteBlocked as blocked:
                self._block(blocked.encrypted, data[blocked.taken :])
            except SSL.Error as error:
                self._end(error)
            else:
                self._send(encrypted)

    def _write_long(self, data: bytes) -> None:
        for start in range(0, len(data), BURST):
            burst = data[start : start + BURST]
            try:
                encrypted = self._engine.encrypt_burst(burst, self._pace.short(len(burst)))
            except WriteBlocked as blocked:
                self._block(blocked.encrypted, data[start + blocked.taken :])
                return
            except SSL.Error as error:
                self._end(error)
                return
            self._send(encrypted)

    def _write_later(self, data: bytes) -> None:
        if not (self._over or (self.disconnecting and self._producer is None)):
            self._hold(data + b"")  # Raises for what is not bytes now, not when it is encrypted.

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._writable = False
        if self._producer is not None:
            self._producer.pauseProducing()

    def _block(self, encrypted: bytes, rest: bytes) -> None:
        if encrypted:
            self._send(encrypted)
        self._flush()
        self._hold(rest)

    def _release(self) -> None:
        """
        Write what was held, and let the producer go on or the connection close.
        """
        held, self._held = self._held, []
        self._writable = self._established
        self.write(b"".join(held))
        self._update()
        if self._held or self._over:
            return
        if self._producer is not None:
            self._producer.resumeProducing()
        elif self.disconnecting:
            self._shut_down()

    def _flush(self) -> None:
        """
        Send what OpenSSL itself has to say.
        """
        output = self._engine.output()
        if output:
            self._send(output)

    def _update(self) -> None:
        closed = self.disconnecting and self._producer is None
        self._writable = self._established and not (self._held or closed)

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """
        Implement L{IConsumer.registerProducer}.

        @raise RuntimeError: another one is registered.
        """
        if self._over:
            producer.stopProducing()
            return
        pushing = cast("IPushProducer", producer if streaming else _PullToPush(producer, self))
        membrane = Membrane(pushing)
        self.transport.registerProducer(membrane, True)
        self._producer = membrane
        self._update()
        if isinstance(pushing, _PullToPush):
            pushing.startStreaming()

    def unregisterProducer(self) -> None:
        """
        Implement L{IConsumer.unregisterProducer}.
        """
        membrane, self._producer = self._producer, None
        if membrane is None:
            return
        if isinstance(membrane.producer, _PullToPush):
            membrane.producer.stopStreaming()
        self.transport.unregisterProducer()
        self._update()
        if self.disconnecting and not self._held:
            self._shut_down()

    @abstractmethod
    def _shut_down(self) -> None:
        """
        Send the notice of closing.
        """

    @abstractmethod
    def _end(self, error: SSL.Error | None) -> None:
        """
        Neither encrypt nor decrypt any more.

        @param error: what is wrong, or C{None} at an end in good order.
        """
