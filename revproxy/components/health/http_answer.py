"""
As much of an HTTP answer as is needed to know whether a server is well.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from revproxy.config.patterns import Pattern
from revproxy.errors import ExchangeError, Unhealthy, UpstreamMalformed
from revproxy.wire.bodies import Body, ChunkedBody, LengthBody, UntilCloseBody
from revproxy.wire.field_block import has_bare_line_end
from revproxy.wire.framing import UNKNOWN, response_has_body
from revproxy.wire.response_head import ResponseHead

MOST_HEAD: Final = 65536
MOST_INTERIM: Final = 32

MOST_SEARCHED: Final = 65536
"""
Octets of a body that are kept for the pattern.
"""


class HttpAnswer:
    """
    Reads the head, strictly, and where there is a pattern to be found the beginning of the
    body.

    @ivar _buffer: what there is of a head, later of the body.
    @ivar _interim: how many 1xx there were.
    @ivar _body: once the head is read.
    """

    def __init__(self, method: bytes, statuses: Container[int], pattern: Pattern | None) -> None:
        """
        @param method: the request's.
        @param statuses: those of a server that is well.
        @param pattern: what has to be found in the body.
        """
        self._method = method
        self._statuses = statuses
        self._pattern = pattern
        self._buffer = b""
        self._interim = 0
        self._status = 0
        self._body: Body | None = None

    def hear(self, data: bytes) -> str | None:
        """
        Implement L{Answer.hear}.
        """
        try:
            return self._hear(data) if self._body is None else self._search(data)
        except ExchangeError as error:
            raise Unhealthy(f"the answer is malformed: {error}") from error

    def ended(self) -> str:
        """
        Implement L{Answer.ended}.
        """
        if isinstance(self._body, UntilCloseBody):
            return self._found()
        raise Unhealthy(f"closed the connection; {self.so_far() or 'there was no answer'}")

    def so_far(self) -> str:
        """
        Implement L{Answer.so_far}.
        """
        if self._status:
            return f"status {self._status}, but the body did not come to an end"
        return "the head did not come to an end" if self._buffer or self._interim else ""

    def _hear(self, data: bytes) -> str | None:
        before = len(self._buffer)
        self._buffer += data
        searched = max(before - 3, 0)
        while 0 <= (end := self._buffer.find(b"\r\n\r\n", searched)) <= MOST_HEAD:
            head = ResponseHead(self._buffer[: end + 4])
            self._buffer = self._buffer[end + 4 :]
            before = searched = 0
            if head.status >= 200:
                return self._begin(head)
            self._interim += 1
            if head.status == 101 or self._interim > MOST_INTERIM:
                raise UpstreamMalformed("a 101 that nobody asked for, or too many interim responses")
        if len(self._buffer) > MOST_HEAD:
            raise UpstreamMalformed("the head is too large")
        if has_bare_line_end(self._buffer, max(before - 1, 0)):
            raise UpstreamMalformed("a line of the head does not end in CRLF")
        return None

    def _begin(self, head: ResponseHead) -> str | None:
        """
        Where nothing is looked for in the body, nobody waits for it.
        """
        self._status = head.status
        if head.status not in self._statuses:
            raise Unhealthy(f"status {head.status}")
        if self._pattern is None:
            return f"status {head.status}"
        begun, self._buffer = self._buffer, b""
        if not response_has_body(head.status, self._method):
            return self._found()
        self._body = _body_of(head.length)
        return self._search(begun)

    def _search(self, data: bytes) -> str | None:
        assert self._body is not None
        content, rest = self._body.feed(data)
        self._buffer += content
        return self._found() if rest is not None or len(self._buffer) >= MOST_SEARCHED else None

    def _found(self) -> str:
        """
        @raise Unhealthy: the pattern is not there.
        """
        assert self._pattern is not None
        if self._pattern.search(self._buffer[:MOST_SEARCHED]) is None:
            raise Unhealthy(f"status {self._status}, but the pattern is not in the body")
        return f"status {self._status}, and the pattern is in the body"


def _body_of(length: int | None) -> Body:
    if length is None:
        return UntilCloseBody()
    return ChunkedBody(UpstreamMalformed) if length == UNKNOWN else LengthBody(length)
