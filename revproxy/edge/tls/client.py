"""
TLS toward upstream servers, which are verified unless told otherwise.
"""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address

from cryptography.x509 import Certificate
from OpenSSL import SSL
from OpenSSL.crypto import X509
from service_identity import CertificateError as NoIdentity
from service_identity import VerificationError
from service_identity.cryptography import extract_patterns
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from zope.interface import implementer

from revproxy.edge.tls.contexts import new_context, trust
from revproxy.edge.tls.files import keep_authorities, keep_pair, refresh_all
from revproxy.edge.tls.options import ClientTLS
from revproxy.errors import CertificateError

_REASONS = {
    number: name.removeprefix("ERR_").replace("_", " ").lower()
    for name, number in vars(SSL.X509VerificationCodes).items()
    if name.startswith("ERR_")
}


class CertificateRefused(SSL.Error):
    """
    The server's certificate is not trusted, or is for another name.
    """

    def __init__(self, name: str, reason: str) -> None:
        # The form of OpenSSL's own errors, which Twisted looks into.
        super().__init__([("certificate", name, f"the certificate of {name} {reason}")])


class UpstreamTLS:
    """
    TLS toward the servers of one upstream: one OpenSSL context for them all.
    """

    def __init__(self, options: ClientTLS, now: datetime) -> None:
        """
        @param now: the time to check our own certificate with, aware of its zone.
        @raise CertificateError: a file cannot be used.
        """
        self._options = options
        self._authorities = None if options.ca is None else keep_authorities(options.ca, now)
        self._pair = None if options.certificate is None else keep_pair(*options.certificate, now)
        self._renew()

    def connections(self, host: str) -> UpstreamConnections:
        """
        Make what makes the connections to one server.

        @param host: the host name or IP address that the server was configured with.
        @raise ValueError: it is neither, and no C{server_name} stands in for it.
        """
        return UpstreamConnections(self, self._options.server_name or host)

    def take_over(self, now: datetime) -> list[CertificateError]:
        """
        Look at all files; later connections use what has changed.

        @param now: the time to check certificates with, aware of its zone.
        @return: what could not be taken over; there the old one stays.
        """
        kept = [each for each in (self._authorities, self._pair) if each is not None]
        return refresh_all(kept, self._renew, now)

    def _renew(self) -> None:
        context = new_context(SSL.TLS_CLIENT_METHOD)
        context.set_alpn_protos(list(self._options.alpn))
        if self._options.verify:
            self._verify_with(context)
        if self._pair is not None:
            self._pair.value.install(context)
        self.context = context

    def _verify_with(self, context: SSL.Context) -> None:
        context.set_verify(SSL.VERIFY_PEER, _verify)
        if self._authorities is None:
            context.set_default_verify_paths()
        else:
            trust(context, self._authorities.value)


_Name = DNS_ID | IPAddress_ID


class _NamedConnection(SSL.Connection):
    """
    A connection that knows whom it is to.

    Not even its application data could tell that: Twisted takes it for itself.
    """

    def __init__(self, context: SSL.Context, expected: _Name) -> None:
        super().__init__(context, None)
        self.expected = expected


@implementer(IOpenSSLClientConnectionCreator)
class UpstreamConnections:
    """
    Makes TLS connections to one server.
    """

    def __init__(self, upstream: UpstreamTLS, name: str) -> None:
        self._upstream = upstream
        self._expected = _service_id(name)

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """
        Implement L{IOpenSSLClientConnectionCreator.clientConnectionForTLS}.
        """
        connection = _NamedConnection(self._upstream.context, self._expected)
        if isinstance(self._expected, DNS_ID):
            # RFC 6066, section 3: no IP address is a server name.
            connection.set_tlsext_host_name(self._expected.hostname)
        return connection


def _service_id(name: str) -> _Name:
    bare = name.removeprefix("[").removesuffix("]")
    try:
        return IPAddress_ID(str(ip_address(bare)))
    except ValueError:
        return DNS_ID(name.removesuffix("."))


def _verify(connection: SSL.Connection, certificate: X509, error: int, depth: int, ok: int) -> bool:
    """
    Called by OpenSSL for each certificate of the chain, the server's own last.

    @raise CertificateRefused: to end the handshake with a reason in words.
    """
    assert isinstance(connection, _NamedConnection)
    expected = connection.expected
    if not ok:
        reason = _REASONS.get(error, f"has error {error}")
        raise CertificateRefused(_text(expected), f"is not trusted: {reason}")
    if depth == 0:
        _verify_name(certificate.to_cryptography(), expected)
    return True


def _verify_name(certificate: Certificate, expected: _Name) -> None:
    try:
        verify_service_identity(extract_patterns(certificate), [expected], [])
    except (VerificationError, NoIdentity) as error:
        raise CertificateRefused(_text(expected), "is for other names only") from error


def _text(expected: _Name) -> str:
    return expected.hostname.decode("ascii") if isinstance(expected, DNS_ID) else str(expected.ip)
