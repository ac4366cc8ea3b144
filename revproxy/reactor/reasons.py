"""
Why a connection ended, in Twisted's terms.
"""

from __future__ import annotations

from twisted.internet.error import ConnectionAborted
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST
from twisted.logger import Logger
from twisted.python.failure import Failure

DONE = Failure(CONNECTION_DONE)
LOST = Failure(CONNECTION_LOST)

_log = Logger()


def aborted() -> Failure:
    """
    @return: that we ended the connection ourselves, and at once.
    """
    return Failure(ConnectionAborted())


def reason_of(error: BaseException | None) -> Failure:
    """
    @param error: what uvloop tells.  An error of the network was never raised; what was
        raised comes from a protocol, and is logged as Twisted's reactors do.  All but
        L{OSError}s are by L{log_of_loop} already.
    """
    if error is None:
        return DONE
    if error.__traceback__ is None:
        return LOST
    failure = Failure(error)
    if isinstance(error, OSError):
        _log.failure("Unhandled Error", failure)
    return failure


def log_of_loop(loop: object, context: dict[str, object]) -> None:
    """
    Log what went wrong in something that the loop called.
    """
    error, message = context.get("exception"), str(context.get("message"))
    if isinstance(error, BaseException):
        _log.failure("{message}", Failure(error), message=message)
    else:
        _log.error("{message}", message=message)
