"""
Tests for L{revproxy.edge.tls.pem}.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import load_pem_x509_certificate
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.tls.pem import read_certificates, read_private_key
from revproxy.errors import CertificateError
from tests.certificates import Authority


class PEMTestCase(SynchronousTestCase):
    """
    A pair to spoil.
    """

    def setUp(self) -> None:
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.pair = Authority(self.directory).issue()
        self.path = self.directory / "spoilt.pem"

    def refusal(self, read: Callable[[Path], object], data: bytes) -> str:
        self.path.write_bytes(data)
        error = self.assertRaises(CertificateError, read, self.path)
        assert isinstance(error, CertificateError)
        self.assertEqual(error.path, self.path)
        self.assertNotIn("\n", str(error))
        return error.message


class ReadCertificatesTests(PEMTestCase):
    """
    Tests for L{read_certificates}.
    """

    def test_all_in_order(self) -> None:
        """
        All certificates of the file are read, as they stand in it.
        """
        other = Authority(self.directory).certificate
        self.path.write_bytes(b"a comment\n" + self.pair.certificate.read_bytes() + other.read_bytes())
        expected = [load_pem_x509_certificate(each.read_bytes()) for each in (self.pair.certificate, other)]
        self.assertEqual(list(read_certificates(self.path)), expected)

    def test_beside_a_key(self) -> None:
        """
        A key in the same file does no harm.
        """
        self.path.write_bytes(self.pair.key.read_bytes() + self.pair.certificate.read_bytes())
        self.assertEqual(read_certificates(self.path), read_certificates(self.pair.certificate))

    def test_missing(self) -> None:
        """
        A file that is not there is called that.
        """
        error = self.assertRaises(CertificateError, read_certificates, self.path)
        self.assertEqual(str(error), f"{self.path}: there is no such file")

    def test_unreadable(self) -> None:
        """
        What the system says about a file that cannot be read is passed on.
        """
        error = self.assertRaises(CertificateError, read_certificates, self.directory)
        self.assertEqual(error.message, "cannot be read: Is a directory")

    def test_empty(self) -> None:
        """
        A file without contents is called empty.
        """
        self.assertEqual(self.refusal(read_certificates, b" \n"), "is empty")

    def test_not_pem(self) -> None:
        """
        The binary form of a certificate is not taken for PEM.
        """
        (certificate,) = read_certificates(self.pair.certificate)
        reason = self.refusal(read_certificates, certificate.public_bytes(Encoding.DER))
        self.assertEqual(reason, "is not PEM: no line starts with -----BEGIN")

    def test_truncated(self) -> None:
        """
        Wherever a file ends too early, that is said.
        """
        data = self.pair.certificate.read_bytes().rstrip()
        for length in (len(data) // 2, len(data) - 1, len(data) - 20):
            reason = self.refusal(read_certificates, data[:length])
            self.assertEqual(reason, "is cut short: a -----BEGIN line has no -----END line")

    def test_truncated_chain(self) -> None:
        """
        A whole certificate does not hide that the next one is cut short.
        """
        data = self.pair.certificate.read_bytes()
        self.assertIn("is cut short", self.refusal(read_certificates, data + data[:100]))

    def test_damaged(self) -> None:
        """
        A certificate with a part missing in the middle is refused.
        """
        lines = self.pair.certificate.read_bytes().splitlines()
        reason = self.refusal(read_certificates, b"\n".join(lines[:3] + lines[5:]))
        self.assertTrue(reason.startswith("holds a damaged certificate: "), reason)

    def test_none(self) -> None:
        """
        A file with a key alone holds no certificate.
        """
        self.assertEqual(self.refusal(read_certificates, self.pair.key.read_bytes()), "holds no certificate")


class ReadPrivateKeyTests(PEMTestCase):
    """
    Tests for L{read_private_key}.
    """

    def setUp(self) -> None:
        super().setUp()
        key = load_pem_private_key(self.pair.key.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self.key = key

    def test_forms(self) -> None:
        """
        PKCS #8 and the traditional form are read, with what OpenSSL writes before
        an elliptic curve's key or with a certificate in the same file.
        """
        traditional = self.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
        certificate = self.pair.certificate.read_bytes()
        plain = self.pair.key.read_bytes()
        for data in (plain, traditional, parameters + traditional, certificate + plain):
            self.path.write_bytes(data)
            self.assertEqual(read_private_key(self.path).public_key(), self.key.public_key())

    def test_encrypted(self) -> None:
        """
        A key with a passphrase is called encrypted, in both forms.
        """
        for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
            data = self.key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"secret"))
            reason = self.refusal(read_private_key, data)
            self.assertEqual(reason, "is encrypted: give the key without a passphrase")

    def test_truncated(self) -> None:
        """
        A key that ends too early is called cut short.
        """
        data = self.pair.key.read_bytes()
        self.assertIn("is cut short", self.refusal(read_private_key, data[: len(data) // 2]))

    def test_damaged(self) -> None:
        """
        A key with a line missing is refused.
        """
        lines = self.pair.key.read_bytes().splitlines()
        reason = self.refusal(read_private_key, b"\n".join(lines[:1] + lines[2:]))
        self.assertTrue(reason.startswith("holds a damaged private key: "), reason)

    def test_none(self) -> None:
        """
        A file with a certificate alone holds no key.
        """
        self.assertEqual(
            self.refusal(read_private_key, self.pair.certificate.read_bytes()), "holds no private key"
        )

    def test_other_kind(self) -> None:
        """
        A key that cannot sign is not one for TLS.
        """
        key = x25519.X25519PrivateKey.generate()
        data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        reason = self.refusal(read_private_key, data)
        self.assertEqual(reason, "holds a key that is neither RSA nor ECDSA nor EdDSA")
