"""
Certificates for tests, made on the spot.

C{Authority(directory)} signs what C{issue} makes; both leave PEM files in the
directory, an existing file is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_numbers = count(1)


class Pair(NamedTuple):
    """
    The files of a certificate (with its chain) and its key.
    """

    certificate: Path
    key: Path


class Authority:
    """
    Signs certificates.

    @ivar certificate: the PEM file to trust.
    """

    def __init__(
        self, directory: Path, name: str = "Test authority", parent: Authority | None = None
    ) -> None:
        """
        @param parent: who signs this authority's own certificate, which is then
            part of the chains that it issues; L{None} for a root.
        """
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = common_name(name)
        signer = self if parent is None else parent
        self._certificate = (
            _builder(self._name, signer._name, self._key, since=-30, days=30)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(signer._key, SHA256())
        )
        self._chain: bytes = b"" if parent is None else _pem(self._certificate) + parent._chain
        self.certificate = directory / f"authority-{next(_numbers)}.pem"
        self.certificate.write_bytes(_pem(self._certificate))

    def issue(
        self,
        names: Sequence[str] = ("localhost",),
        *,
        key: str = "ecdsa",
        since: float = -1,
        days: float = 10,
        client: bool = False,
        subject: x509.Name | None = None,
        file: str | None = None,
    ) -> Pair:
        """
        Make a certificate and its key.

        @param names: host names and IP addresses; the first is the common name too.
        @param key: C{ecdsa} or C{rsa}.
        @param since: days from now to the first moment of validity.
        @param days: days from now to the last.
        @param client: whether it is for a client instead of a server.
        @param file: the files' name without C{.pem} and C{.key}, or a new one.
        """
        private_key = _new_key(key)
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        certificate = (
            _builder(subject or common_name(names[0]), self._name, private_key, since, days)
            .add_extension(x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .sign(self._key, SHA256())
        )
        stem = file or f"{key}-{next(_numbers)}"
        pair = Pair(self._directory / f"{stem}.pem", self._directory / f"{stem}.key")
        _replace(pair.certificate, _pem(certificate) + self._chain)
        _replace(pair.key, private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return pair


def common_name(text: str) -> x509.Name:
    """
    A subject that is a common name alone.
    """
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _new_key(kind: str) -> Key:
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, since: float, days: float
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now + timedelta(days=since),
        not_valid_after=now + timedelta(days=days),
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _replace(path: Path, data: bytes) -> None:
    """
    As an ACME client does it: whoever looks finds the old file or the new one.
    """
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.replace(path)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
