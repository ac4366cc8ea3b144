"""
The countries of clients.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from revproxy.errors import CountriesUnreadable

MOST_REMEMBERED: Final = 4096
"""
How many addresses are remembered at once.
"""


class Countries:
    """
    Tells the countries of addresses.  Clients come again, so recent answers are remembered;
    when there are as many as may be, all are forgotten.
    """

    __slots__ = ("_find", "_remembered")

    def __init__(self, find: Callable[[str], object]) -> None:
        """
        @param find: gives the record of an address, C{None} where there is none.  It raises
            C{ValueError} for what is no address that it can know, and a C{RuntimeError} where
            the database is broken: what it has there is not known, then.
        """
        self._find = find
        self._remembered: dict[str, bytes] = {}

    @property
    def remembered(self) -> int:
        """
        How many addresses are remembered.
        """
        return len(self._remembered)

    def country(self, address: str) -> bytes:
        """
        @param address: a client's, as text; empty where it has none.
        @return: its country in two letters, such as C{DE}; empty where that is not known.
        """
        known = self._remembered.get(address)
        if known is not None:
            return known
        try:
            found = country_of(self._find(address))
        except (ValueError, RuntimeError):
            found = b""
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[address] = found
        return found


def country_of(record: object) -> bytes:
    """
    @param record: what a database has of an address.  MaxMind's have a mapping for the
        country in it, those of some others the code itself.
    @return: the code, empty where there is none.
    """
    country = record.get("country") if isinstance(record, dict) else None
    code = country.get("iso_code") if isinstance(country, dict) else country
    return code.encode("utf-8", "replace") if isinstance(code, str) else b""


def open_countries(path: Path) -> Countries:
    """
    Read a database whole: what becomes of the file later does not matter.

    @raise CountriesUnreadable: it cannot be used.
    """
    try:
        import maxminddb
    except ImportError as error:
        raise CountriesUnreadable("it needs the package maxminddb: pip install 'revproxy[geoip]'") from error
    try:
        with open(os.memfd_create("countries"), "wb") as copy:
            copy.write(path.read_bytes())
            copy.flush()
            return Countries(maxminddb.open_database(f"/proc/self/fd/{copy.fileno()}").get)
    except OSError as error:
        raise CountriesUnreadable(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, maxminddb.InvalidDatabaseError) as error:
        raise CountriesUnreadable(f"{path} is no database in MaxMind's format") from error
