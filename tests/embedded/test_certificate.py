"""
Tests of L{revproxy.embedded.certificate}.
"""

from __future__ import annotations

import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

from cryptography import x509
from twisted.trial.unittest import SynchronousTestCase

from revproxy.embedded.certificate import RENEWAL, VALIDITY, own_certificate
from revproxy.errors import RevproxyError
from tests.certificates import Authority

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def handshake(certificate: Path, key: Path, name: str) -> None:
    """
    Have a client that trusts the certificate, and only that, connect to a server.

    @raise ssl.SSLError: either is not content.
    """
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certificate, key)
    client_context = ssl.create_default_context(cafile=str(certificate))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    client.getpeercert()  # fails where the handshake is not complete


class OwnCertificateTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp())
        self.directory.mkdir()

    def made(self, now: datetime = NOW) -> tuple[bytes, bytes]:
        """
        The contents of the two files.
        """
        certificate, key = own_certificate(self.directory, now)
        return certificate.read_bytes(), key.read_bytes()

    def test_serves(self) -> None:
        """
        A client that trusts it connects to this machine by each of its names.
        """
        certificate, key = own_certificate(self.directory, datetime.now(UTC))
        for name in ("localhost", "127.0.0.1", "::1"):
            handshake(certificate, key, name)

    def test_serves_nobody_else(self) -> None:
        """
        It is not good for another name.
        """
        certificate, key = own_certificate(self.directory, datetime.now(UTC))
        self.assertRaises(ssl.SSLCertVerificationError, handshake, certificate, key, "example.com")

    def test_signs_nobody(self) -> None:
        """
        Who trusts it does not trust what its key might sign.
        """
        certificate, _ = own_certificate(self.directory, NOW)
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
        self.assertFalse(loaded.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)

    def test_private(self) -> None:
        """
        The key is for its owner alone, and nothing else is left in the directory.
        """
        certificate, key = own_certificate(self.directory, NOW)
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertEqual(set(self.directory.iterdir()), {certificate, key})

    def test_kept(self) -> None:
        """
        It is used again as long as it is good for a week.
        """
        made = self.made()
        self.assertEqual(self.made(NOW + VALIDITY - RENEWAL - timedelta(seconds=1)), made)

    def test_renewed(self) -> None:
        """
        A week before it expires it is made anew for the same key.
        """
        certificate, key = self.made()
        renewed, kept = self.made(NOW + VALIDITY - RENEWAL)
        self.assertNotEqual(renewed, certificate)
        self.assertEqual(kept, key)

    def test_not_yet_valid(self) -> None:
        """
        One from the future, made while the machine's clock was wrong, is made anew.
        """
        later, _ = self.made(NOW + timedelta(days=100))
        self.assertNotEqual(self.made()[0], later)

    def test_broken_files(self) -> None:
        """
        Files that hold something else are made anew, and belong together again.
        """
        certificate, key = own_certificate(self.directory, datetime.now(UTC))
        rsa = Authority(self.directory).issue(key="rsa")
        for content in (b"", b"nonsense", rsa.key.read_bytes(), rsa.certificate.read_bytes()):
            for broken in ((certificate,), (key,), (certificate, key)):
                for path in broken:
                    path.write_bytes(content)
                own_certificate(self.directory, datetime.now(UTC))
                handshake(certificate, key, "localhost")

    def test_started_together(self) -> None:
        """
        Processes that start at the same moment agree on one key.
        """
        together = Barrier(8)

        def start(_: int) -> bytes:
            together.wait()
            return self.made()[1]

        with ThreadPoolExecutor(8) as threads:
            keys = set(threads.map(start, range(8)))
        self.assertEqual(len(keys), 1)
        certificate, key = own_certificate(self.directory, NOW)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)

    def test_cannot_be_written(self) -> None:
        """
        A directory that cannot be written to is refused in one line that names it.
        """
        directory = self.directory / "absent"
        error = self.assertRaises(RevproxyError, own_certificate, directory, NOW)
        self.assertEqual(
            str(error), f"{directory}: cannot keep a certificate here: No such file or directory"
        )
