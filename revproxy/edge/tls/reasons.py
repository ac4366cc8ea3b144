"""
Why a TLS connection ended, as its protocol hears it.
"""

from __future__ import annotations

from OpenSSL import SSL
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure


def reason_of(error: SSL.Error) -> Failure:
    """
    @param error: what OpenSSL found.
    @return: the same, but an end without the notice of closing as what any other
        transport says of an end that was not in good order.
    """
    return Failure(ConnectionLost() if _is_end(error) else error)


def truncated(reason: Failure) -> Failure:
    """
    @param reason: why the transport below ended, before the notice of closing had come.
    @return: one that nobody takes for an end in good order (RFC 8446 section 6.1).
    """
    return Failure(ConnectionLost()) if reason.check(ConnectionDone) else reason


def _is_end(error: SSL.Error) -> bool:
    if isinstance(error, SSL.SysCallError):
        found = str(error.args[-1])
    else:
        queue = error.args[0] if error.args else []
        if not queue:
            return True  # So OpenSSL 4 tells it.
        found = queue[-1][-1]
    return found.casefold().startswith("unexpected eof")
