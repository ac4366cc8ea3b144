"""
Tests of L{bench.peer}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.certificate import CertificateFiles
from bench.peer import Place
from bench.proxies.stock_twisted import StockTwisted
from bench.setup import Setup

CERTIFICATE = CertificateFiles(Path("/c/only.pem"), Path("/c/only.key"), Path("/c/both.pem"))


class PlaceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp()).resolve()
        self.directory.mkdir()
        self.place = Place(self.directory, 1001, 1002, 1003, CERTIFICATE)

    def test_every_name_is_filled_in(self) -> None:
        """
        Each name between at signs gives way to what it stands for; braces and dollars stay.
        """
        written = self.place.write("it", "{@plain@ @tls@ @origin@} $a @certificate@ @key@ @both@ @directory@")
        self.assertEqual(
            written.read_text(), f"{{1001 1002 1003}} $a /c/only.pem /c/only.key /c/both.pem {self.directory}"
        )

    def test_more_names(self) -> None:
        """
        A proxy may have names of its own.
        """
        self.assertEqual(self.place.write("it", "@plain@ @mine@", mine="too").read_text(), "1001 too")

    def test_unknown_name(self) -> None:
        """
        A misspelt name in a template is an error.
        """
        self.assertRaises(KeyError, self.place.write, "it", "@plian@")

    def test_servers(self) -> None:
        """
        There is one server, or as many as the set-up says, all on one port.
        """
        self.assertEqual(self.place.servers, ["127.0.0.1:1003"])
        many = Place(self.directory, 1001, 1002, 1003, CERTIFICATE, Setup(servers=3)).servers
        self.assertEqual((len(set(many)), {server.rpartition(":")[2] for server in many}), (3, {"1003"}))


class RefusalTests(SynchronousTestCase):
    def test_able(self) -> None:
        """
        What any proxy can do is refused by none.
        """
        self.assertIsNone(StockTwisted().refusal(Setup()))

    def test_unable(self) -> None:
        """
        What one cannot do it refuses, with the reason.
        """
        self.assertEqual(StockTwisted().refusal(Setup(upgrades=True)), "relays no upgrades")
