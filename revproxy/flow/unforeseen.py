"""
What becomes of an error that nobody foresaw, in a component of somebody else's first of all.
"""

from __future__ import annotations

from twisted.logger import Logger
from twisted.python.failure import Failure

from revproxy.errors import ExchangeError

log = Logger(__name__)


class Unforeseen(ExchangeError):
    """
    A part of the proxy raised what is no L{ExchangeError}; the log has its traceback.
    """


class ConnectingFailed(ExchangeError):
    """
    A connection could not be made, for a reason that nobody foresaw.
    """

    status = 502


def as_exchange_error(error: Exception, part: str) -> ExchangeError:
    """
    @param part: what failed, in a few words for the log.
    @return: the error itself where it says what becomes of the exchange.
    """
    if isinstance(error, ExchangeError):
        return error
    log.failure("{part} failed", Failure(error), part=part)
    return Unforeseen(f"{part} failed: {type(error).__name__}")
