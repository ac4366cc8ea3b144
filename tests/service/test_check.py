from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from textwrap import dedent
from unittest import mock

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from typing_extensions import override

from revproxy.errors import ConfigurationError
from revproxy.service.check import checked_configuration
from tests.certificates import Authority
from tests.config.files import FileTestCase
from tests.flow.caching.databases import country_database

FILE = """\
listeners:
  secure:
    endpoint: tcp:8443
    tls:
      certificates:
        - {certificate: good.pem, key: good.key}
        - certificate: two.pem
          key: two.key
      client_certificates:
        ca: clients.pem
upstreams:
  app:
    servers: [https://127.0.0.1:8001]
    tls:
      ca: upstream.pem
      client_certificate:
        certificate: own.pem
        key: own.key
routes:
  - upstream: app
"""


class CheckedConfigurationTests(FileTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        self.authority = Authority(self.directory)
        for name in ("good", "two", "own"):
            self.authority.issue(file=name)
        for name in ("clients.pem", "upstream.pem"):
            self.write(name, self.authority.certificate.read_bytes())

    def write(self, name: str, content: bytes) -> None:
        self.directory.joinpath(name).write_bytes(content)

    def found(self, text: str = FILE) -> list[str]:
        """
        The lines that tell what is wrong, without the directory.
        """
        self.path.write_text(dedent(text))
        try:
            checked_configuration(self.path, self.registry)
        except ConfigurationError as error:
            return str(error).replace(f"{self.directory}/", "").splitlines()
        return []

    def test_right(self) -> None:
        """
        A file whose certificates are right is read.
        """
        self.assertEqual(self.found(), [])
        self.assertIn("secure", checked_configuration(self.path, self.registry).listeners)

    def test_countries(self) -> None:
        """
        A database of countries has to be one, and what reads it has to be installed.
        """
        text = FILE.replace("upstream: app", "upstream: app\n    cache: {use: pages, key: {country: true}}")
        text += "caches: {pages: memory}\ngeoip: country.mmdb\n"
        self.write("country.mmdb", country_database({"192.0.2.0/24": "DE"}))
        self.assertEqual(self.found(text), [])
        self.write("country.mmdb", b"what")
        (line,) = self.found(text)
        self.assertTrue(line.startswith("revproxy.yaml:23:1: geoip: country.mmdb is no database"), line)
        with mock.patch.dict(sys.modules, {"maxminddb": None}):
            (line,) = self.found(text)
        self.assertEqual(
            line,
            "revproxy.yaml:23:1: geoip: it needs the package maxminddb: pip install 'revproxy[geoip]'",
        )
        self.directory.joinpath("country.mmdb").unlink()
        (line,) = self.found(text)
        self.assertTrue(line.startswith("revproxy.yaml:23:1: geoip: cannot read country.mmdb"), line)

    def test_mismatched(self) -> None:
        """
        A key of another certificate.
        """
        self.write("two.key", self.directory.joinpath("good.key").read_bytes())
        self.assertEqual(
            self.found(),
            [
                "revproxy.yaml:8:11: listeners.secure.tls.certificates.1.key: two.key:"
                " does not belong to the certificate in two.pem"
            ],
        )

    def test_encrypted(self) -> None:
        """
        A key that needs a passphrase.
        """
        key = load_pem_private_key(self.directory.joinpath("own.key").read_bytes(), None)
        locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
        self.write("own.key", locked)
        self.assertEqual(
            self.found(),
            [
                "revproxy.yaml:18:9: upstreams.app.tls.client_certificate.key: own.key:"
                " is encrypted: give the key without a passphrase"
            ],
        )

    def test_expired(self) -> None:
        """
        A certificate that has expired, by the time that is given.
        """
        self.found()
        later = datetime.now(UTC) + timedelta(days=100)
        with self.assertRaises(ConfigurationError) as caught:
            checked_configuration(self.path, self.registry, later)
        keys = [problem.key for problem in caught.exception.problems]
        self.assertEqual(
            keys,
            [
                "listeners.secure.tls.certificates.0.certificate",
                "listeners.secure.tls.certificates.1.certificate",
                "upstreams.app.tls.client_certificate.certificate",
            ],
        )
        self.assertIn("expired on", str(caught.exception))

    def test_all_at_once(self) -> None:
        """
        Everything is told at once and in the order of the lines: what is wrong with the
        text, with files that are not there, and with what is in the others.
        """
        self.write("good.pem", b"nothing")
        self.write("good.key", b"")
        self.write("clients.pem", self.directory.joinpath("own.key").read_bytes())
        self.directory.joinpath("two.pem").unlink()
        self.write("upstream.pem", b"-----BEGIN CERTIFICATE-----\n")
        lines = self.found(FILE + "limit: {}\n")
        self.assertEqual(
            [line.partition(": ")[0] + " " + line.split(": ")[1] for line in lines],
            [
                "revproxy.yaml:6:12 listeners.secure.tls.certificates.0.certificate",
                "revproxy.yaml:6:35 listeners.secure.tls.certificates.0.key",
                "revproxy.yaml:7:11 listeners.secure.tls.certificates.1.certificate",
                "revproxy.yaml:10:9 listeners.secure.tls.client_certificates.ca",
                "revproxy.yaml:15:7 upstreams.app.tls.ca",
                "revproxy.yaml:21:1 limit",
            ],
        )

    def test_anything_at_all(self) -> None:
        """
        A file of another shape is no harder to check.
        """
        for text in ("[]", "listeners: {a: {tls: []}}", "upstreams: {a: {tls: {ca: [x]}}}", "listeners: 1"):
            self.assertNotEqual(self.found(text), [], text)
