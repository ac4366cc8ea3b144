"""
Tests of L{bench.certificate}.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.certificate import write_certificate


class WriteCertificateTests(SynchronousTestCase):
    def test_parts_belong_together(self) -> None:
        """
        The certificate and its key fit, in two files as in one, and the certificate may be trusted.
        """
        directory = Path(self.mktemp())
        directory.mkdir()
        files = write_certificate(directory)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(files.certificate, files.key)
        server.load_cert_chain(files.both)
        client = ssl.create_default_context(cafile=str(files.certificate))
        self.assertEqual(client.cert_store_stats()["x509_ca"], 1)
