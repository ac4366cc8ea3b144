"""
Why something with a server failed, in words for its operator.
"""

from __future__ import annotations

from typing import Final

from OpenSSL import SSL
from twisted.internet.error import ConnectError
from twisted.python.failure import Failure

from revproxy.config.messages import one_line
from revproxy.errors import RevproxyError

MOST_OF_A_REASON: Final = 200
"""
Characters of a reason that are told: a part of it may be the server's own words.
"""


def plain_reason(failure: Failure) -> str:
    """
    @return: what went wrong, in one short line.
    """
    assert failure.value is not None
    return short_line(_words(failure.value))


def short_line(text: str) -> str:
    """
    @return: the text as one line that is not too long.
    """
    line = one_line(text)
    return line if len(line) <= MOST_OF_A_REASON else f"{line[: MOST_OF_A_REASON - 3]}..."


def _words(error: BaseException) -> str:
    """
    Twisted repeats what the system says in words of its own, and OpenSSL hides what it
    says in a list.
    """
    name = type(error).__name__
    if isinstance(error, SSL.Error):
        return _openssl_words(error) or name
    if isinstance(error, ConnectError) and error.osError and error.args[0]:
        return str(error.args[0])
    if isinstance(error, RevproxyError | OSError) or type(error).__module__.startswith("twisted."):
        return str(error) or name
    return f"{name}: {error}" if str(error) else name


def _openssl_words(error: SSL.Error) -> str:
    """
    @return: the last of what OpenSSL found, which is nearest to the cause.
    """
    found = error.args[-1] if error.args else ""
    if isinstance(found, list) and found:
        return str(found[-1][-1])
    return str(found) if found else ""
