"""
A certificate and its key: loaded, and refused if clients would refuse it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate, DNSName, ExtensionNotFound, NameOID, SubjectAlternativeName
from OpenSSL import SSL

from revproxy.edge.tls.pem import PrivateKey, read_certificates, read_private_key
from revproxy.errors import CertificateError


@dataclass(frozen=True, eq=False)
class CertificatePair:
    """
    A certificate with its chain and its private key, checked.

    @ivar path: where the certificate was read from.
    @ivar chain: the certificate itself, then those that signed it, as in the file.
    @ivar names: the host names it is for, in lower case; a wildcard is C{*.example.com}.
    @ivar kind: C{rsa}, C{ecdsa} or C{eddsa}.
    """

    path: Path
    chain: tuple[Certificate, ...]
    key: PrivateKey
    names: tuple[str, ...]
    kind: str

    @property
    def expires(self) -> datetime:
        """
        When the certificate stops being valid.
        """
        return self.chain[0].not_valid_after_utc

    def install(self, context: SSL.Context) -> None:
        """
        Let a context present this pair, besides pairs of other kinds that it has.

        OpenSSL reads the chain from the file once more: that is the only call
        which gives each kind of key a chain of its own.

        @raise CertificateError: OpenSSL refuses the pair, or the file has changed
            since it was loaded and no longer belongs to the key.
        """
        try:
            context.use_certificate_chain_file(str(self.path))
            context.use_privatekey(self.key)
            context.check_privatekey()
        except SSL.Error as error:
            raise CertificateError(self.path, f"is refused by OpenSSL: {explain(error)}") from error


def load_pair(certificate: Path, key: Path, now: datetime) -> CertificatePair:
    """
    Load a certificate with its chain, and its key.

    @param now: the time to check the validity with; it must be aware of its zone.
    @raise CertificateError: the pair cannot be used, with the file to look at.
    """
    chain = read_certificates(certificate)
    private_key = read_private_key(key)
    _check_key(certificate, chain, key, private_key)
    check_validity(certificate, chain[0], now)
    names = _names(certificate, chain[0])
    pair = CertificatePair(certificate, chain, private_key, names, _kind(private_key))
    pair.install(SSL.Context(SSL.TLS_METHOD))
    return pair


def check_validity(path: Path, certificate: Certificate, now: datetime) -> None:
    """
    Refuse a certificate outside the time that it is valid for.

    @raise CertificateError: it has expired or is not valid yet.
    """
    if now < certificate.not_valid_before_utc:
        raise CertificateError(
            path, f"is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        )
    if now > certificate.not_valid_after_utc:
        raise CertificateError(path, f"expired on {certificate.not_valid_after_utc:%Y-%m-%d at %H:%M} UTC")


def explain(error: SSL.Error) -> str:
    """
    Say in words what OpenSSL found, such as C{unsupported protocol}.
    """
    queue = error.args[0] if error.args else []
    if not isinstance(queue, list):
        return str(error.args[-1])  # SysCallError(number, text)
    return str(queue[-1][-1]) if queue else "the peer closed the connection"


def _check_key(certificate: Path, chain: tuple[Certificate, ...], key: Path, private_key: PrivateKey) -> None:
    public_key = private_key.public_key()
    belongs = [each.public_key() == public_key for each in chain]
    if belongs[0]:
        return
    if any(belongs):
        raise CertificateError(
            certificate, "the server's certificate must stand first, before those that signed it"
        )
    raise CertificateError(key, f"does not belong to the certificate in {certificate}")


def _names(path: Path, certificate: Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(SubjectAlternativeName)
    except ExtensionNotFound:
        # Today's clients refuse such a certificate, older ones match its common name.
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(str(attribute.value).lower() for attribute in common)
    except ValueError as error:
        raise CertificateError(path, f"has a damaged extension: {error}") from error
    return tuple(name.lower() for name in extension.value.get_values_for_type(DNSName))


def _kind(key: PrivateKey) -> str:
    if isinstance(key, RSAPrivateKey):
        return "rsa"
    return "ecdsa" if isinstance(key, EllipticCurvePrivateKey) else "eddsa"
