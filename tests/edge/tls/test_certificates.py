"""
Tests for L{revproxy.edge.tls.certificates}.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from OpenSSL import SSL
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.tls.certificates import explain, load_pair
from revproxy.errors import CertificateError
from tests.certificates import Authority, Pair, common_name


class LoadPairTests(SynchronousTestCase):
    """
    Tests for L{load_pair}.
    """

    def setUp(self) -> None:
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.authority = Authority(self.directory)
        self.now = datetime.now(UTC)

    def refusal(self, certificate: Path, key: Path) -> CertificateError:
        error = self.assertRaises(CertificateError, load_pair, certificate, key, self.now)
        assert isinstance(error, CertificateError)
        self.assertNotIn("\n", str(error))
        return error

    def self_signed(self, key_size: int) -> Pair:
        """
        An old-fashioned certificate: RSA, and no name but the common one.
        """
        key = rsa.generate_private_key(public_exponent=65537, key_size=key_size)
        builder = x509.CertificateBuilder(
            issuer_name=common_name("Old.test"),
            subject_name=common_name("Old.test"),
            public_key=key.public_key(),
            serial_number=1,
            not_valid_before=self.now - timedelta(days=1),
            not_valid_after=self.now + timedelta(days=1),
        )
        pair = Pair(self.directory / "old.pem", self.directory / "old.key")
        pair.certificate.write_bytes(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
        pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return pair

    def test_names(self) -> None:
        """
        A pair is for the DNS names of the certificate, in lower case.
        """
        pair = load_pair(*self.authority.issue(["Example.COM", "*.example.com", "127.0.0.1"]), self.now)
        self.assertEqual(pair.names, ("example.com", "*.example.com"))

    def test_common_name(self) -> None:
        """
        Without any alternative name the common name counts.
        """
        pair = load_pair(*self.self_signed(2048), self.now)
        self.assertEqual((pair.names, pair.kind), (("old.test",), "rsa"))

    def test_chain(self) -> None:
        """
        A pair has the whole chain, and ends when its own certificate does.
        """
        pair = load_pair(*Authority(self.directory, parent=self.authority).issue(days=3), self.now)
        self.assertEqual((len(pair.chain), pair.kind), (2, "ecdsa"))
        self.assertEqual(round((pair.expires - self.now) / timedelta(days=1)), 3)

    def test_other_key(self) -> None:
        """
        A key that does not belong to the certificate is refused by both names.
        """
        one, other = self.authority.issue(), self.authority.issue()
        error = self.refusal(one.certificate, other.key)
        self.assertEqual(str(error), f"{other.key}: does not belong to the certificate in {one.certificate}")

    def test_authority_first(self) -> None:
        """
        A chain that does not start with the server's certificate is refused.
        """
        pair = self.authority.issue()
        pair.certificate.write_bytes(self.authority.certificate.read_bytes() + pair.certificate.read_bytes())
        error = self.refusal(*pair)
        self.assertEqual(
            (error.path, error.message),
            (pair.certificate, "the server's certificate must stand first, before those that signed it"),
        )

    def test_expired(self) -> None:
        """
        A certificate that has expired is refused with the moment it did.
        """
        pair = self.authority.issue(since=-3, days=-1)
        moment = (self.now - timedelta(days=1)).strftime("%Y-%m-%d")
        self.assertTrue(self.refusal(*pair).message.startswith(f"expired on {moment} at "))

    def test_not_yet_valid(self) -> None:
        """
        A certificate for later is refused with the moment it will be valid.
        """
        pair = self.authority.issue(since=1)
        moment = (self.now + timedelta(days=1)).strftime("%Y-%m-%d")
        self.assertTrue(self.refusal(*pair).message.startswith(f"is not valid before {moment} "))

    def test_too_weak(self) -> None:
        """
        What OpenSSL would refuse at every handshake is refused now.
        """
        error = self.refusal(*self.self_signed(1024))
        self.assertEqual(error.message, "is refused by OpenSSL: ee key too small")


class ExplainTests(SynchronousTestCase):
    """
    Tests for L{explain}.
    """

    def test_reason(self) -> None:
        """
        The reason is what OpenSSL put last into its queue.
        """
        error = SSL.Error([("", "", "first"), ("SSL routines", "", "unsupported protocol")])
        self.assertEqual(explain(error), "unsupported protocol")

    def test_end(self) -> None:
        """
        An empty queue is the end of the connection.
        """
        self.assertEqual(explain(SSL.Error([])), "the peer closed the connection")
        self.assertEqual(explain(SSL.ZeroReturnError()), "the peer closed the connection")
        self.assertEqual(explain(SSL.SysCallError(-1, "Unexpected EOF")), "Unexpected EOF")
