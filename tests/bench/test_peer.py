"""
Tests of L{bench.peer}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.certificate import CertificateFiles
from bench.peer import Place

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

    def test_unknown_name(self) -> None:
        """
        A misspelt name in a template is an error.
        """
        self.assertRaises(KeyError, self.place.write, "it", "@plian@")
