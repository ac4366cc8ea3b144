"""
A client's connection on which requests have bodies.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from revproxy.edge.client_connection import ClientConnection
from revproxy.edge.http1_settings import Http1Settings
from revproxy.edge.request_body import RequestBody
from revproxy.exchange import UNKNOWN
from revproxy.flow.splice.splicer import WORTH_MOVING
from revproxy.interfaces import IReceiver

MOST_UNREAD: Final = 65536
"""
So many octets that nobody wants are read, to keep a connection.
"""


class BodyConnection(ClientConnection):
    """
    What becomes of a request's body, on whichever way it goes to its receiver.

    @ivar _body: the request's body as long as it is not whole.
    """

    def __init__(self, settings: Http1Settings) -> None:
        super().__init__(settings)
        self._body: RequestBody | None = None

    @abstractmethod
    def _read_body(self, data: bytes) -> bytes:
        """
        Give what came to the receiver.

        @return: what follows the body.
        """

    def _move_body(self, body: RequestBody, receiver: IReceiver) -> None:
        """
        Let the rest of a large body go past us, where it can.
        """
        splicer, octets = self.settings.splicer, body.remaining
        if splicer is not None and octets > WORTH_MOVING:
            outlet = receiver.request_outlet(octets)
            if outlet is not None:
                self._move(splicer, outlet, octets, body.passed, self._body_moved)

    def _body_moved(self) -> None:
        """
        All was moved, or no more comes, which the transport will tell.
        """
        self._take_back()
        if self._body is not None and not self._body.remaining:
            self._read_body(b"")

    def much_is_unread(self) -> bool:
        """
        Whether more of the request's body is to come than is worth waiting for.
        """
        remaining = 0 if self._body is None else self._body.remaining
        return remaining == UNKNOWN or remaining > MOST_UNREAD

    def continue_is_awaited(self) -> bool:
        """
        Whether the client waits for a 100, which it is about to get.
        """
        return self._body is not None and self._body.stop_waiting()

    def pause_request(self) -> None:
        """
        Read no more of the request's body; the client is not to blame for the time.
        """
        if self._body is not None:
            self._pause()
            self._reading.clear()

    def resume_request(self) -> None:
        """
        Read on.
        """
        if self._body is not None and self._paused:
            self._resume()
            self._body.watch()
