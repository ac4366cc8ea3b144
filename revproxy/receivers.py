"""
What hears of a request that is answered already.
"""

from __future__ import annotations

from collections.abc import Sequence

from zope.interface import implementer

from revproxy.errors import ExchangeError
from revproxy.interfaces import IOutlet, IReceiver
from revproxy.wire.fields import Pair


@implementer(IReceiver)
class Ignored:
    """
    Receives the rest of a request that was answered without it.
    """

    def request_body(self, data: bytes) -> None:
        """
        Implement L{IReceiver}.
        """

    def request_flush(self) -> None:
        """
        Implement L{IReceiver}.
        """

    def request_outlet(self, octets: int) -> IOutlet | None:
        """
        Implement L{IReceiver}.
        """
        return None

    def request_ended(self, trailers: Sequence[Pair]) -> None:
        """
        Implement L{IReceiver}.
        """

    def request_failed(self, error: ExchangeError) -> None:
        """
        Implement L{IReceiver}.
        """

    def client_left(self) -> None:
        """
        Implement L{IReceiver}.
        """

    def pause_response(self) -> None:
        """
        Implement L{IReceiver}.
        """

    def resume_response(self) -> None:
        """
        Implement L{IReceiver}.
        """
