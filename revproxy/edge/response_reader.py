"""
Reads one response from the bytes of a connection: interim heads, head, body.
"""

from __future__ import annotations

from typing import Final

from revproxy.compiled import mypyc_attr
from revproxy.errors import UpstreamMalformed
from revproxy.exchange import UNKNOWN, Response
from revproxy.interfaces import IAnswerReceiver
from revproxy.wire.bodies import Body, ChunkedBody, LengthBody, UntilCloseBody
from revproxy.wire.field_block import has_bare_line_end
from revproxy.wire.fields import Fields, FrozenFields
from revproxy.wire.framing import response_has_body
from revproxy.wire.response_head import ResponseHead, parse_response

_MOST_INTERIM: Final = 32
_NO_FIELDS: Final = FrozenFields()


@mypyc_attr(acyclic=True)
class ResponseReader:
    """
    Hands a response to whoever waits for it, as it comes.

    @ivar begun: whether the final head was read.
    @ivar switched: the 101, where the server left HTTP.
    @ivar persistent: whether the server keeps the connection.
    """

    __slots__ = (
        "_body",
        "_buffer",
        "_interim",
        "_method",
        "_most_head",
        "_upgrading",
        "begun",
        "persistent",
        "switched",
    )

    def __init__(self, method: bytes, upgrading: bool, most_head: int) -> None:
        """
        @param method: the request's.
        @param upgrading: whether the request asked for another protocol.
        @param most_head: in octets, of each head.
        """
        self.begun = False
        self.persistent = False
        self.switched: Response | None = None
        self._method = method
        self._upgrading = upgrading
        self._most_head = most_head
        self._buffer = b""
        self._interim = 0
        self._body: Body | None = None

    @property
    def started(self) -> bool:
        """
        Whether any byte of a head has come.
        """
        return bool(self._buffer) or self._interim > 0

    @property
    def ended_by_close(self) -> bool:
        """
        Whether the end of the connection is the end of the response.
        """
        return isinstance(self._body, UntilCloseBody)

    @property
    def remaining(self) -> int:
        """
        How many octets of the body are to come; C{UNKNOWN} where only they tell.
        """
        return self._body.remaining if isinstance(self._body, LengthBody) else UNKNOWN

    def passed(self, octets: int) -> None:
        """
        So many octets of a body of known length came and went without being fed.
        """
        assert isinstance(self._body, LengthBody)
        self._body.passed(octets)

    @property
    def trailers(self) -> FrozenFields:
        """
        The trailer fields, once the response is whole.
        """
        return _NO_FIELDS if self._body is None else self._body.trailers

    def feed(self, data: bytes, answer: IAnswerReceiver) -> bytes | None:
        """
        @return: once the response is whole, the bytes that follow it.
        @raise UpstreamMalformed: for what is no valid response.
        """
        if self.begun:
            return self._feed_body(data, answer)
        searched = len(self._buffer)
        if searched:
            data = self._buffer + data
            self._buffer = b""
        while True:
            end = data.find(b"\r\n\r\n", max(searched - 3, 0))
            if end < 0 or end > self._most_head:
                self._keep(data, searched)
                return None
            searched = 0
            head = parse_response(data[: end + 4])
            data = data[end + 4 :]
            if head.status >= 200:
                return self._begin(head, data, answer)
            if head.status == 101:
                return self._switch(head, data)
            self._interim += 1
            if self._interim > _MOST_INTERIM:
                raise UpstreamMalformed("too many interim responses")
            answer.answer_interim(head.status, head.reason, head.end_to_end.fields)

    def _keep(self, data: bytes, searched: int) -> None:
        """
        @param searched: how much of the head was looked at before.
        """
        if len(data) > self._most_head:
            raise UpstreamMalformed("the head is too large")
        if has_bare_line_end(data, max(searched - 1, 0)):
            raise UpstreamMalformed("a line of the head does not end in CRLF")
        self._buffer = data

    def _begin(self, head: ResponseHead, data: bytes, answer: IAnswerReceiver) -> bytes | None:
        self.begun = True
        self.persistent = head.persistent
        length = head.length
        response = Response(head.status, head.reason, head.end_to_end, length)
        if not response_has_body(head.status, self._method):
            if length == UNKNOWN:
                response.length = None
            answer.answer_begun(response)
            return data
        if length is None:
            self.persistent = False
            self._body = UntilCloseBody()
            response.length = UNKNOWN
        elif 0 <= length <= len(data):
            return self._whole(response, data, length, answer)
        else:
            self._body = ChunkedBody(UpstreamMalformed) if length == UNKNOWN else LengthBody(length)
        answer.answer_begun(response)
        return self._feed_body(data, answer)

    def _whole(self, response: Response, data: bytes, length: int, answer: IAnswerReceiver) -> bytes:
        """
        Head and body came together, as small ones do.
        """
        answer.answer_begun(response)
        if length == len(data):
            answer.answer_body(data)
            return b""
        answer.answer_body(data[:length])
        return data[length:]

    def _feed_body(self, data: bytes, answer: IAnswerReceiver) -> bytes | None:
        assert self._body is not None
        content, rest = self._body.feed(data)
        if content:
            answer.answer_body(content)
        if rest is None:
            answer.answer_flush()
        return rest

    def _switch(self, head: ResponseHead, data: bytes) -> bytes:
        if not self._upgrading:
            raise UpstreamMalformed("a 101 that nobody asked for")
        self.switched = Response(101, head.reason, Fields(head.fields), None)
        return data
