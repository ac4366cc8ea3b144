"""
A connection to a server over HTTP/1: sends requests, reads responses.

RFC 9112.  Everything from the server is hostile too: a response is parsed as
strictly as a request, and a connection is used again only when both messages of
the last exchange ended exactly where they said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener
from twisted.python.failure import Failure
from typing_extensions import override
from zope.interface import classImplements

from revproxy.edge.direct import connect_directly
from revproxy.edge.response_reader import ResponseReader
from revproxy.edge.socket_options import set_socket_options
from revproxy.edge.stream_protocol import StreamProtocol
from revproxy.edge.turn import collects_for
from revproxy.edge.upstream_request import request_head
from revproxy.edge.upstream_settings import UpstreamHttp1Settings
from revproxy.errors import ExchangeError, UpstreamCut, UpstreamGone, UpstreamTimeout
from revproxy.exchange import UNKNOWN, Outbound
from revproxy.flow.deadline import Deadline
from revproxy.flow.splice.splicer import MUCH, WORTH_MOVING
from revproxy.flow.tunnel import TunnelEnd
from revproxy.interfaces import IAnswerReceiver, IConnectionOwner, IOutlet, IUpstreamConnection
from revproxy.wire.fields import Pair
from revproxy.wire.serialize import chunk_bytes, last_chunk_bytes


class Http1UpstreamConnection(StreamProtocol):
    """
    One connection to a server; see L{IUpstreamConnection}.

    @ivar ready: fires with the connection once requests may be sent.
    @ivar used: whether it has carried an exchange before the present one.
    @ivar _collected: whether what is written waits for the end of the turn.
    @ivar _sending: whether the request's body is still to come.
    @ivar _out: what is to be written with the next L{flush}.
    """

    def __init__(self, owner: IConnectionOwner, settings: UpstreamHttp1Settings, secure: bool) -> None:
        super().__init__()
        self.ready: Deferred[IUpstreamConnection] | None = Deferred()
        self.used = False
        self._owner = owner
        self._settings = settings
        self._secure = secure
        self._deadline = Deadline(settings.clock, self._late)
        self._requests_left = settings.most_requests
        self._ends = 0.0
        self._answer: IAnswerReceiver | None = None
        self._reader: ResponseReader | None = None
        self._out: list[bytes] = []
        self._sending = False
        self._chunked = False
        self._closed = False
        self._collected = False

    # What the transport calls.

    @override
    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)
        set_socket_options(self.transport)
        self._collected = collects_for(self.transport)
        if not self._secure:
            connect_directly(self.transport, self)
            self._fire_ready()

    def handshakeCompleted(self) -> None:
        """
        Implement L{IHandshakeListener}: the server is who it should be.
        """
        self._fire_ready()

    @override
    def dataReceived(self, data: bytes) -> None:
        if self._tunnel is not None:
            self._tunnel.received(data)
        elif self._reader is None or self._answer is None:
            self._abort()
        else:
            try:
                self._read(data, self._reader, self._answer)
            except ExchangeError as error:
                self._fail(error)

    @override
    def _read_closed(self) -> None:
        # What is still to be sent would be answered by nobody.
        self._ended(clean=True)
        self._abort()

    @override
    def _write_closed(self) -> None:
        # Only tunnels close their direction first.
        pass

    @override
    def _lost(self, reason: Failure) -> None:
        self._closed = True
        self._deadline.stop()
        self._owner.forget(self)
        if self.ready is not None:
            self.ready.errback(reason)
        self._ended(clean=reason.check(ConnectionDone) is not None)

    @override
    def _block(self) -> None:
        if self._answer is not None:
            self._allow(self._settings.timeouts.idle)
            self._answer.pause_request()

    @override
    def _unblock(self) -> None:
        if self._answer is None or self._reader is None:
            return
        if self._sending:
            self._allow(self._settings.timeouts.response)
            self._answer.resume_request()
        else:
            self._await_response(self._reader)

    # What the relay calls.

    def send(
        self,
        outbound: Outbound,
        authority: bytes,
        length: int | None,
        upgrade: bytes | None,
        answer: IAnswerReceiver,
    ) -> None:
        """
        Implement L{IUpstreamConnection.send}.
        """
        head = request_head(outbound, authority, length, upgrade)
        settings = self._settings
        now = settings.seconds()
        self._answer = answer
        self._reader = ResponseReader(outbound.method, upgrade is not None, settings.most_head)
        self._requests_left -= 1
        self._ends = now + settings.timeouts.response
        self._chunked = length == UNKNOWN
        self._sending = length is not None
        if self._sending:
            self._out.append(head)
            self._deadline.set_from(now, settings.timeouts.response)
        else:
            self._write(head)
            self._deadline.set_from(now, settings.first_wait)

    def body(self, data: bytes) -> None:
        """
        Implement L{IUpstreamConnection.body}.
        """
        self._out.append(chunk_bytes(data) if self._chunked else data)

    def flush(self) -> None:
        """
        Implement L{IUpstreamConnection.flush}.
        """
        out = self._out
        if out:
            self._out = []
            self._write(b"".join(out))

    def _write(self, data: bytes) -> None:
        if self._collected:
            self._settings.turn.write(cast(Any, self.transport), data)
        else:
            self.transport.write(data)

    def outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IUpstreamConnection.outlet}.
        """
        settings = self._settings
        if settings.splicer is None or self._secure or self._chunked:
            return None
        self.flush()
        settings.turn.send()
        return settings.splicer.outlet(self.transport, self.pauseProducing, self.resumeProducing, _nothing)

    def end_body(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IUpstreamConnection.end_body}.
        """
        self._sending = False
        if self._chunked:
            self._out.append(last_chunk_bytes(trailers))
        self.flush()
        if self._reader is not None and not self._reader.begun:
            self._allow(self._settings.timeouts.first_byte)

    def pause(self) -> None:
        """
        Implement L{IUpstreamConnection.pause}.
        """
        if not self._paused:
            self._allow(self._settings.timeouts.response)
            self._pause()

    def resume(self) -> None:
        """
        Implement L{IUpstreamConnection.resume}.
        """
        if self._paused:
            if self._reader is not None:
                self._await_response(self._reader)
            self._resume()

    def drop(self) -> None:
        """
        Implement L{IUpstreamConnection.drop}.
        """
        self._answer = None
        self._abort()

    # Reading.

    def _read(self, data: bytes, reader: ResponseReader, answer: IAnswerReceiver) -> None:
        rest = reader.feed(data, answer)
        if self._answer is not answer:
            return
        if len(data) > MUCH:
            self._read_little(answer)
        if rest is not None:
            if reader.switched is not None:
                self._switch(reader, rest, answer)
            else:
                self._finish(reader, rest, answer)
        elif reader.begun and not self._paused:
            self._allow(self._settings.timeouts.idle)
            if reader.remaining > WORTH_MOVING:
                self._move_body(reader, answer)

    def _read_little(self, answer: IAnswerReceiver) -> None:
        """
        Had less been read, the rest could have gone past us: do so from now on, where it
        can.
        """
        splicer = self._settings.splicer
        if splicer is not None and not self._secure and answer.answer_outlet(0) is not None:
            splicer.read_little(self.transport)

    def _move_body(self, reader: ResponseReader, answer: IAnswerReceiver) -> None:
        """
        Let the rest of a large body go past us, where it can.
        """
        splicer = self._settings.splicer
        if splicer is not None and not self._secure:
            outlet = answer.answer_outlet(reader.remaining)
            if outlet is not None:
                self._move(splicer, outlet, reader.remaining, self._moved, self._body_moved)

    def _moved(self, octets: int) -> None:
        assert self._reader is not None
        self._reader.passed(octets)
        if not self._paused:
            self._allow(self._settings.timeouts.idle)

    def _body_moved(self) -> None:
        """
        All was moved, or no more comes, which the transport will tell.  What follows
        the body must not be taken for the next response.
        """
        reader, answer, splicer = self._reader, self._answer, self._settings.splicer
        assert reader is not None and answer is not None and splicer is not None
        whole = not reader.remaining
        if whole and splicer.has_unread(self.transport):
            reader.persistent = False
        self._take_back()
        if whole:
            self._read(b"", reader, answer)

    def _finish(self, reader: ResponseReader, extra: bytes, answer: IAnswerReceiver) -> None:
        """
        The response is whole.  The connection goes back before the answer is
        ended, as that may bring the next request.
        """
        self._answer = None
        self._reader = None
        clean = reader.persistent and not (self._sending or extra) and self._requests_left > 0
        self.resume()
        if clean and not self._closed and self._owner.give_back(self):
            self.used = True
            self._deadline.set_from(self._settings.seconds(), self._settings.idle_timeout)
        else:
            self._abort()
        answer.answer_ended(reader.trailers)

    def _switch(self, reader: ResponseReader, early: bytes, answer: IAnswerReceiver) -> None:
        assert reader.switched is not None
        self._answer = None
        self._reader = None
        self._deadline.clear()
        self._owner.forget(self)
        self._tunnel = TunnelEnd(self.transport, self._secure, early, self._settings.splicer)
        answer.answer_switched(reader.switched, self._tunnel)

    # Ends.

    def _allow(self, seconds: float) -> None:
        """
        Give the server so much time for its next step, within that of the exchange.
        """
        now = self._settings.seconds()
        self._deadline.set_from(now, min(seconds, self._ends - now))

    def _await_response(self, reader: ResponseReader) -> None:
        timeouts = self._settings.timeouts
        self._allow(timeouts.idle if reader.begun else timeouts.first_byte)

    def _fire_ready(self) -> None:
        ready, self.ready = self.ready, None
        if ready is not None:
            ready.callback(self)

    def _ended(self, clean: bool) -> None:
        """
        Nothing more will be read.
        """
        answer, reader = self._answer, self._reader
        if answer is None or reader is None:
            return
        self._answer = None
        if clean and reader.ended_by_close:
            answer.answer_ended(())
        elif reader.begun or reader.started:
            answer.answer_failed(UpstreamCut("the connection ended in the middle of the response"))
        else:
            answer.answer_failed(UpstreamGone("the connection ended before the response"))

    def _late(self) -> None:
        if self._answer is not None:
            self._fail(UpstreamTimeout("the response did not come in time"))
        else:
            self._abort()

    def _fail(self, error: ExchangeError) -> None:
        answer, self._answer = self._answer, None
        self._abort()
        if answer is not None:
            answer.answer_failed(error)

    def _abort(self) -> None:
        """
        Close at once; nothing that is still to be sent would be answered.
        """
        self._closed = True
        self._owner.forget(self)
        self._deadline.stop()
        if self._pump is not None:
            self._pump.stop()
        self.transport.abortConnection()


def _nothing(octets: int) -> None:
    """
    Nobody counts what goes to a server.
    """


classImplements(Http1UpstreamConnection, IUpstreamConnection, IHandshakeListener)
