"""
PEM files (RFC 7468), read with one clear line for whatever is wrong with them.
"""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificates

from revproxy.errors import CertificateError

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey | Ed448PrivateKey

_BEGIN = b"-----BEGIN "
_CERTIFICATE = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----").search
_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----").search
_ENCRYPTED = re.compile(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED", re.M).search
_END = re.compile(rb"-----END [A-Z0-9 ]+-----").findall


def read_certificates(path: Path) -> tuple[Certificate, ...]:
    """
    Read all certificates of a file, at least one.

    @raise CertificateError: the file cannot be read or holds no certificate.
    """
    data = _read(path)
    if _CERTIFICATE(data) is None:
        raise CertificateError(path, "holds no certificate")
    try:
        certificates = tuple(load_pem_x509_certificates(data))
        for certificate in certificates:
            certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(path, f"holds a damaged certificate: {_first_line(error)}") from error
    return certificates


def read_private_key(path: Path) -> PrivateKey:
    """
    Read the private key of a file.

    @raise CertificateError: the file cannot be read, or holds no key, or one
        that is encrypted or of a kind that TLS servers do not use.
    """
    data = _read(path)
    if _KEY(data) is None:
        raise CertificateError(path, "holds no private key")
    if _ENCRYPTED(data) is not None:
        raise CertificateError(path, "is encrypted: give the key without a passphrase")
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(path, f"holds a damaged private key: {_first_line(error)}") from error
    if not isinstance(key, PrivateKey):
        raise CertificateError(path, "holds a key that is neither RSA nor ECDSA nor EdDSA")
    return key


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise CertificateError(path, "there is no such file") from None
    except OSError as error:
        raise CertificateError(path, f"cannot be read: {error.strerror}") from error
    if not data.strip():
        raise CertificateError(path, "is empty")
    if _BEGIN not in data:
        raise CertificateError(path, "is not PEM: no line starts with -----BEGIN")
    if data.count(_BEGIN) != len(_END(data)):
        raise CertificateError(path, "is cut short: a -----BEGIN line has no -----END line")
    return data


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
