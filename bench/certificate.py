"""
The certificate that all proxies present: self-signed, ECDSA P-256, for 127.0.0.1.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIFE = timedelta(days=1)


@dataclass(frozen=True)
class CertificateFiles:
    """
    Where the certificate is, in PEM.

    @ivar certificate: the certificate alone.
    @ivar key: the key alone.
    @ivar both: the certificate, then the key.
    """

    certificate: Path
    key: Path
    both: Path


def write_certificate(directory: Path) -> CertificateFiles:
    """
    Make a certificate and write its files.

    @param directory: where they go.
    """
    private_key = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(private_key).public_bytes(serialization.Encoding.PEM)
    key = private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files = CertificateFiles(
        directory / "certificate.pem", directory / "certificate.key", directory / "certificate-and-key.pem"
    )
    files.certificate.write_bytes(certificate)
    files.key.write_bytes(key)
    files.both.write_bytes(certificate + key)
    return files


def _self_signed(private_key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "revproxy benchmark")])
    address = x509.IPAddress(IPv4Address("127.0.0.1"))
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private_key, hashes.SHA256())
    )
