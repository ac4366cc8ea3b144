"""
HTTP dates in their three forms: RFC 9110 section 5.6.7.

What is decided here, where the standards leave a choice:

  - Names of days, months and the zone are taken in any case (RFC 9111 section 4.2);
    any other departure from the grammar makes a date invalid.
  - The day of the week does not have to be the right one: nothing depends on it.
  - A leap second is taken as the second after it.
"""

from __future__ import annotations

import re
import time
from datetime import date
from typing import Final

_DAY: Final = rb"(?:mon|tue|wed|thu|fri|sat|sun)"
_LONG_DAY: Final = rb"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MONTH: Final = rb"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_TIME: Final = rb"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)"

_FIXDATE: Final = re.compile(
    rb"%b, ([0-9]{2}) %b ([0-9]{4}) %b gmt" % (_DAY, _MONTH, _TIME), re.IGNORECASE
).fullmatch
_RFC_850: Final = re.compile(
    rb"%b, ([0-9]{2})-%b-([0-9]{2}) %b gmt" % (_LONG_DAY, _MONTH, _TIME), re.IGNORECASE
).fullmatch
_ASCTIME: Final = re.compile(
    rb"%b %b ([ 0-9][0-9]) %b ([0-9]{4})" % (_DAY, _MONTH, _TIME), re.IGNORECASE
).fullmatch

_MONTHS: Final = {
    name: number
    for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}
_DAY_NAMES: Final = (b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun")
_MONTH_NAMES: Final = (b"", *(name.capitalize() for name in _MONTHS))

_EPOCH: Final = date(1970, 1, 1).toordinal()
_FAR_YEARS: Final = 50
_LONGEST: Final = len(b"Wednesday, 18-Aug-50 02:01:18 GMT")
_MOST_KNOWN: Final = 1024

_known: Final[dict[bytes, int]] = {}
"""
Dates that were read of late: many messages have the same, and clients repeat those they were
told.
"""


def parse_date(value: bytes, now: float) -> int | None:
    """
    Read a date.

    @param now: tells the century of a year of two digits: the year is at most 50 in
        the future.
    @return: seconds of the epoch, C{None} for what is no HTTP date.
    """
    if len(value) > _LONGEST:
        return None
    seconds = _known.get(value)
    if seconds is None:
        seconds = _unambiguous(value)
        if seconds is not None:
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[value] = seconds
    if seconds is not None:
        return seconds
    match = _RFC_850(value)
    if match is None:
        return None
    day, month, year, hour, minute, second = match.groups()
    latest = time.gmtime(now).tm_year + _FAR_YEARS
    return _seconds(latest - (latest - int(year)) % 100, month, day, (hour, minute, second))


def format_date(seconds: int) -> bytes:
    """
    Write a date in the form that senders have to use.

    @param seconds: of the epoch, of a year from 1 to 9999.
    """
    day, seconds = divmod(seconds, 86400)
    then = date.fromordinal(_EPOCH + day)
    return b"%b, %02d %b %04d %02d:%02d:%02d GMT" % (
        _DAY_NAMES[then.weekday()],
        then.day,
        _MONTH_NAMES[then.month],
        then.year,
        seconds // 3600,
        seconds // 60 % 60,
        seconds % 60,
    )


def _unambiguous(value: bytes) -> int | None:
    """
    Read the forms whose year has four digits.
    """
    match = _FIXDATE(value)
    if match is not None:
        day, month, year, hour, minute, second = match.groups()
        return _seconds(int(year), month, day, (hour, minute, second))
    match = _ASCTIME(value)
    if match is None:
        return None
    month, day, hour, minute, second, year = match.groups()
    return _seconds(int(year), month, day, (hour, minute, second))


def _seconds(year: int, month: bytes, day: bytes, clock: tuple[bytes, bytes, bytes]) -> int | None:
    try:
        days = date(year, _MONTHS[month.lower()], int(day)).toordinal() - _EPOCH
    except ValueError:
        return None
    hour, minute, second = clock
    return days * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second)
