"""
A certificate for this machine alone, made at first use and kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import mkstemp

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from revproxy.errors import RevproxyError

VALIDITY = timedelta(days=365)
RENEWAL = timedelta(days=7)
CLOCK_SKEW = timedelta(hours=1)

HOST = "localhost"
ADDRESSES = ("127.0.0.1", "::1")


def own_certificate(directory: Path, now: datetime) -> tuple[Path, Path]:
    """
    Have a self-signed certificate for C{localhost} in the directory.

    What is there is used again, unless it is broken or about to expire.  The key stays
    the same when the certificate is renewed, and processes that start together agree
    on one, so the two files always belong together.

    @param now: with its time zone.
    @return: the files of the certificate and of its key, in PEM, for their owner alone.
    @raise RevproxyError: the files cannot be read or written.
    """
    certificate_file, key_file = directory / "localhost.pem", directory / "localhost.key"
    try:
        key = _key(key_file)
        if not _serves(certificate_file, key, now):
            _put(certificate_file, _certificate(key, now).public_bytes(Encoding.PEM), os.replace)
    except OSError as error:
        raise RevproxyError(f"{directory}: cannot keep a certificate here: {error.strerror}") from error
    return certificate_file, key_file


def _key(path: Path) -> EllipticCurvePrivateKey:
    """
    @return: the key that is kept, or else a new one that now is.
    """
    kept = _kept_key(path)
    if kept is not None:
        return kept
    made = generate_private_key(SECP256R1())
    try:
        _put(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), os.link)
    except FileExistsError:
        return _key(path)  # another process has just put its own there
    return made


def _kept_key(path: Path) -> EllipticCurvePrivateKey | None:
    """
    @return: the key in the file, or C{None} where there is none; a file that holds
        something else is removed.
    """
    try:
        kept = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        kept = None
    if isinstance(kept, EllipticCurvePrivateKey):
        return kept
    path.unlink(missing_ok=True)
    return None


def _serves(path: Path, key: EllipticCurvePrivateKey, now: datetime) -> bool:
    """
    @return: whether the file holds a certificate for the key that can still be used.
    """
    try:
        kept = x509.load_pem_x509_certificate(path.read_bytes())
        belongs = kept.public_key() == key.public_key()
    except (FileNotFoundError, ValueError, UnsupportedAlgorithm):
        return False
    return belongs and kept.not_valid_before_utc <= now < kept.not_valid_after_utc - RENEWAL


def _certificate(key: EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """
    @return: a new certificate, which only serves as a server's: who trusts it trusts
        nobody else.
    """
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    names = [x509.DNSName(HOST), *(x509.IPAddress(ip_address(address)) for address in ADDRESSES)]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, SHA256())
    )


def _put(path: Path, content: bytes, place: Callable[[str, Path], object]) -> None:
    """
    Make a file that has all of its content from its first moment on.

    @param place: brings a finished file to its path: L{os.replace}, or L{os.link} to
        leave one that is there.
    """
    descriptor, finished = mkstemp(dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        place(finished, path)
    finally:
        Path(finished).unlink(missing_ok=True)
