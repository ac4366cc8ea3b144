"""
Tests for L{revproxy.edge.tls.peer}.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.tls.options import ClientCertificates
from revproxy.edge.tls.peer import client_subject
from tests.certificates import Authority, Pair
from tests.edge.tls.handshake import client_context, connect, listener


class ClientSubjectTests(SynchronousTestCase):
    """
    Tests for L{client_subject}.
    """

    def setUp(self) -> None:
        directory = Path(self.mktemp())
        directory.mkdir()
        self.authority = Authority(directory)
        asked = ClientCertificates(required=False, ca=self.authority.certificate)
        self.server = listener(self.authority.issue(), client_certificates=asked)

    def subject(self, pair: Pair | None) -> bytes | None:
        pipe = connect(client_context(self.authority.certificate, pair=pair), self.server)
        return client_subject(pipe.server)

    def named(self, *names: tuple[x509.ObjectIdentifier, str]) -> bytes | None:
        subject = x509.Name([x509.NameAttribute(*name) for name in names])
        return self.subject(self.authority.issue(client=True, subject=subject))

    def test_none(self) -> None:
        """
        A client that shows no certificate has no subject.
        """
        self.assertIsNone(self.subject(None))

    def test_plain(self) -> None:
        """
        The most specific part of the name comes first (RFC 4514, section 2.1).
        """
        subject = self.named((NameOID.ORGANIZATION_NAME, "Example, Inc."), (NameOID.COMMON_NAME, "alice"))
        self.assertEqual(subject, b"CN=alice,O=Example\\, Inc.")

    def test_not_ascii(self) -> None:
        """
        What is not ASCII becomes pairs of hexadecimal digits of its UTF-8.
        """
        self.assertEqual(self.named((NameOID.COMMON_NAME, "Zo\xeb")), b"CN=Zo\\C3\\AB")

    def test_line_end(self) -> None:
        """
        Pitfall 37: no name can end the header field and begin another.
        """
        subject = self.named((NameOID.COMMON_NAME, "a\r\nX-Admin: yes\x00\x7f"))
        self.assertEqual(subject, b"CN=a\\0D\\0AX-Admin: yes\\00\\7F")

    def test_space_at_the_end(self) -> None:
        """
        A space at the end cannot be lost with the white space around the value.
        """
        self.assertEqual(self.named((NameOID.COMMON_NAME, "alice ")), b"CN=alice\\20")
        self.assertEqual(self.named((NameOID.COMMON_NAME, "alice\\ ")), b"CN=alice\\\\\\20")
