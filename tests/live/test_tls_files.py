"""
Certificates that are replaced while the proxy runs.
"""

from __future__ import annotations

import socket
import ssl

from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.certificates import Authority, Pair
from tests.live.origin import start_origin
from tests.live.programs import eventually, new_directory
from tests.live.proxy import Proxy, relaying_over_tls
from tests.live.raw_origin import read_head

GET = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


class TLSFilesTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.directory = new_directory(self)
        self.authority = Authority(self.directory)
        self.pair = self.issue()
        files = {"certificate": self.pair.certificate.name, "key": self.pair.key.name}
        tls = {"certificates": [files], "reload_interval": "100ms"}
        self.proxy = Proxy(self, relaying_over_tls(tls, start_origin(self)), self.directory)

    def issue(self, since: float = -1, days: float = 10) -> Pair:
        """
        Replace the files by those of a new certificate.
        """
        return self.authority.issue(["a.test"], since=since, days=days, file="current")

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        client = context.wrap_socket(self.proxy.connect("secure"), server_hostname="a.test")
        self.addCleanup(client.close)
        return client

    def served(self) -> int:
        """
        The serial number of the certificate that a client is shown.
        """
        shown = self.connect().getpeercert(binary_form=True)
        assert shown is not None
        return load_der_x509_certificate(shown).serial_number

    def current(self) -> int:
        """
        The serial number of the certificate in the file.
        """
        return load_pem_x509_certificate(self.pair.certificate.read_bytes()).serial_number

    def ask(self, client: socket.socket) -> bytes:
        client.sendall(GET)
        read_head(client)
        return client.recv(100)

    def test_replaced(self) -> None:
        """
        New connections are shown the new certificate; those that are open go on.
        """
        before = self.current()
        self.assertEqual(self.served(), before)
        opened = self.connect()
        self.assertEqual(self.ask(opened), b"origin: /")
        self.issue()
        eventually(lambda: self.served() == self.current() or None, "the new certificate")
        self.assertNotEqual(self.current(), before)
        self.assertEqual(self.ask(opened), b"origin: /")
        self.assertEqual(self.ask(self.connect()), b"origin: /")

    def test_bad_ones_are_not_taken(self) -> None:
        """
        A file that is cut short leaves the old certificate in use, and the log says so;
        the next good one is taken.
        """
        before = self.served()
        whole = self.pair.certificate.read_bytes()
        self.pair.certificate.write_bytes(whole[:300])
        eventually(lambda: "cut short" in self.proxy.program.output() or None, "a line in the log")
        self.assertEqual(self.served(), before)
        self.issue()
        eventually(lambda: self.served() == self.current() or None, "the good certificate")

    def test_key_comes_later(self) -> None:
        """
        A certificate whose key is not there yet waits for it.
        """
        before = self.served()
        other = self.authority.issue(["a.test"])
        self.pair.certificate.write_bytes(other.certificate.read_bytes())
        eventually(lambda: "the certificate in use stays" in self.proxy.program.output() or None, "a line")
        self.assertEqual(self.served(), before)
        self.pair.key.write_bytes(other.key.read_bytes())
        eventually(lambda: self.served() == self.current() or None, "the pair")

    def test_expired_one_is_not_taken(self) -> None:
        """
        Nor is one that nobody would believe.
        """
        before = self.served()
        self.issue(since=-9, days=-1)
        eventually(lambda: "the certificate in use stays" in self.proxy.program.output() or None, "a line")
        self.assertEqual(self.served(), before)
