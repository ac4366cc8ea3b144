"""
Tests of L{revproxy.flow.caching.countries}.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp
from unittest import mock

from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import CountriesUnreadable
from revproxy.flow.caching.countries import MOST_REMEMBERED, Countries, country_of, open_countries
from tests.flow.caching.databases import country_database

NETWORKS: dict[str, str | dict[str, object]] = {
    "192.0.2.0/24": "DE",
    "198.51.100.0/25": "FR",
    "203.0.113.7/32": {"country": "JP"},
}


class CountriesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(mkdtemp()) / "country.mmdb"
        self.addCleanup(shutil.rmtree, self.path.parent)
        self.path.write_bytes(country_database(NETWORKS))

    def test_countries(self) -> None:
        """
        Addresses have the country of their network; for others, and for what is no address,
        it is empty.
        """
        countries = open_countries(self.path)
        for address, expected in [
            ("192.0.2.7", b"DE"), ("192.0.2.255", b"DE"), ("192.0.3.0", b""), ("198.51.100.1", b"FR"),
            ("198.51.100.200", b""), ("203.0.113.7", b"JP"), ("203.0.113.8", b""), ("2001:db8::1", b""),
            ("", b""), ("what", b""),
        ]:  # fmt: skip
            for _ in range(2):
                self.assertEqual(countries.country(address), expected, address)

    def test_file_goes(self) -> None:
        """
        What becomes of the file while it is in use does not matter.
        """
        countries = open_countries(self.path)
        self.path.write_bytes(b"")
        self.path.unlink()
        self.assertEqual(countries.country("192.0.2.7"), b"DE")

    def test_unreadable(self) -> None:
        """
        What is no database is refused, and so is a file that is not there.
        """
        for content in (b"", b"what", country_database(NETWORKS)[:-10]):
            self.path.write_bytes(content)
            with self.assertRaisesRegex(CountriesUnreadable, r"country\.mmdb is no database"):
                open_countries(self.path)
        self.path.unlink()
        with self.assertRaises(CountriesUnreadable):
            open_countries(self.path)

    def test_package_missing(self) -> None:
        """
        Who has not installed what reads it is told how.
        """
        with (
            mock.patch.dict(sys.modules, {"maxminddb": None}),
            self.assertRaisesRegex(CountriesUnreadable, r"pip install 'revproxy\[geoip\]'"),
        ):
            open_countries(self.path)

    def test_records(self) -> None:
        """
        A record may have anything at all.
        """
        records: list[object] = [None, 7, "DE", {}, {"country": None}, {"country": {}}]
        for record in (*records, {"country": {"iso_code": 1}}):
            self.assertEqual(country_of(record), b"")

    def test_broken(self) -> None:
        """
        Where the database is broken the country is not known.
        """

        def find(address: str) -> object:
            raise RuntimeError("broken")

        self.assertEqual(Countries(find).country("192.0.2.7"), b"")

    def test_bound(self) -> None:
        """
        Recent addresses are looked up once, and what is remembered has a bound.
        """
        asked: list[str] = []
        countries = Countries(asked.append)
        for _ in range(3):
            countries.country("192.0.2.7")
        self.assertEqual(asked, ["192.0.2.7"])
        for number in range(2 * MOST_REMEMBERED):
            countries.country(str(number))
            self.assertLessEqual(countries.remembered, MOST_REMEMBERED)
