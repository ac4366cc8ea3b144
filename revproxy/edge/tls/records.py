"""
Records of TLS (RFC 8446 section 5): where they end in what comes in, and how long
those are that go out.
"""

from __future__ import annotations

from collections.abc import Callable

HEADER = 5
"""
Octets in front of each record; the last two of them are the length of what follows.
"""

LARGEST = 16384
"""
Octets of plaintext that one record holds at most.
"""

SEGMENT = 1370
"""
Octets of plaintext whose record fits into one TCP segment, whichever the version of
TLS and of IP.
"""

_LARGEST_BODY = LARGEST + 2048
_RAMP = 12 * SEGMENT
_IDLE = 1.0


class RecordCounter:
    """
    Counts the records that have come whole: only then has OpenSSL something to give,
    so that it need not be asked in vain.

    @ivar between: whether what comes next is the beginning of a record.
    @ivar _missing: how many octets of the present record are still to come.
    @ivar _partial: what has come of the next record's header.
    """

    __slots__ = ("_missing", "_partial", "between")

    def __init__(self) -> None:
        self.between = True
        self._missing = 0
        self._partial = b""

    def count(self, data: bytes) -> int:
        """
        @param data: what has come since the last time.
        @return: how many records it completes.  One that claims to be longer than any
            may be counts as well, so that OpenSSL is asked and refuses it.
        """
        data = self._partial + data
        length = len(data)
        end = self._missing
        whole = 1 if 0 < end <= length else 0
        while end + HEADER <= length:
            body = data[end + 3] << 8 | data[end + 4]
            end += HEADER + body
            if end <= length or body > _LARGEST_BODY:
                whole += 1
        self._missing = max(0, end - length)
        self._partial = data[end:]
        self.between = end == length
        return whole


class RecordPace:
    """
    Decides how long records are.

    Nobody can read a record before all of it has come.  So on a connection that is new
    or was idle, whose congestion window is small, what goes out first fills records of
    one TCP segment each, as much as about the first round trip takes; what follows goes
    in the longest ones, which cost the least.

    Only what is longer than a segment is asked for here, and counts: all else is one short
    record anyway.  So a connection of short answers alone is taken for an idle one.
    """

    __slots__ = ("_left", "_seconds", "_warm_until")

    def __init__(self, seconds: Callable[[], float]) -> None:
        """
        @param seconds: tells the time.
        """
        self._seconds = seconds
        self._warm_until = float("-inf")
        self._left = 0

    def short(self, length: int) -> int:
        """
        @param length: of what is to be sent now.
        @return: how many octets of it go in records of one segment.
        """
        now = self._seconds()
        if now >= self._warm_until:
            self._left = _RAMP
        self._warm_until = now + _IDLE
        short = min(length, self._left)
        self._left -= short
        return short
