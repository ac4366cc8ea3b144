"""
OpenSSL contexts with the options that both sides share, and those of listeners.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from cryptography.x509 import Certificate
from OpenSSL import SSL
from OpenSSL.crypto import X509, X509StoreFlags

from revproxy.edge.tls.options import ServerTLS
from revproxy.edge.tls.store import CertificateStore, Group

MODERN_CIPHERS = ":".join(
    (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305",
    )
)
"""
For TLS 1.2: authenticated encryption with forward secrecy only (Mozilla's
"intermediate" profile).
"""

SUITES = b"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
"""
For TLS 1.3.

Of both lists the first that a client knows is taken, as it costs both sides least where
the hardware knows AES: with the longer key and hash a handshake takes a tenth longer.
Only a client that would rather have ChaCha20 than any other gets that, for its hardware
does not know AES.
"""

SESSION_LIFETIME = 3600
"""
Seconds that a session can be resumed for.
"""

# What OpenSSL calls SSL_OP_PRIORITIZE_CHACHA and SSL_MODE_NO_AUTO_CHAIN; pyOpenSSL has no names for them.
_PRIORITIZE_CHACHA = 1 << 21
_NO_AUTO_CHAIN = 8

_CACHE_MODES = {
    "tickets": SSL.SESS_CACHE_SERVER | SSL.SESS_CACHE_NO_INTERNAL,  # clients keep all that is needed
    "cache": SSL.SESS_CACHE_SERVER,
    "none": SSL.SESS_CACHE_OFF,
}

_VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}


class NoCommonProtocol(SSL.Error):
    """
    The client offers application protocols, and none that the listener has.
    """

    def __init__(self, offered: Sequence[bytes]) -> None:
        # The form of OpenSSL's own errors, which Twisted looks into.
        super().__init__([("ALPN", "", f"no application protocol in common with {list(offered)}")])


def new_context(method: int, ciphers: str = MODERN_CIPHERS, minimum_version: str = "TLSv1.2") -> SSL.Context:
    """
    Make a context for either side: no old version, compression or renegotiation.

    @param method: C{SSL.TLS_SERVER_METHOD} or C{SSL.TLS_CLIENT_METHOD}.
    """
    context = SSL.Context(method)
    context.set_min_proto_version(_VERSIONS[minimum_version])
    context.set_cipher_list(ciphers.encode())
    context.set_tls13_ciphersuites(SUITES)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    context.set_options(SSL.OP_CIPHER_SERVER_PREFERENCE | _PRIORITIZE_CHACHA)
    # Certificates are sent as their files have them, not searched for in each handshake.
    context.set_mode(SSL.MODE_RELEASE_BUFFERS | _NO_AUTO_CHAIN)
    return context


def trust(context: SSL.Context, authorities: Sequence[Certificate]) -> None:
    """
    Let a context verify peers with these certificates, self-signed or not.
    """
    store = context.get_cert_store()
    assert store is not None
    for certificate in authorities:
        store.add_cert(X509.from_cryptography(certificate))
    store.set_flags(X509StoreFlags.PARTIAL_CHAIN)


def listener_context(
    name: str, options: ServerTLS, store: CertificateStore, authorities: Sequence[Certificate]
) -> SSL.Context:
    """
    Make the context that a listener's connections start with; on the client's
    server name they go over to the one which holds the certificates for it.

    @param name: the listener's; sessions of one are worth nothing at another.
    @param authorities: whom client certificates are verified with.
    """
    contexts = {group: _server_context(name, options, group, authorities) for group in store.groups()}
    first = contexts[store.default]
    # Even where there is nothing to choose there has to be a callback: OpenSSL remembers the name
    # with the session only then.
    first.set_tlsext_servername_callback(_switch(store, contexts) if len(contexts) > 1 else _stay)
    return first


def _switch(store: CertificateStore, contexts: dict[Group, SSL.Context]) -> Callable[[SSL.Connection], None]:
    def switch(connection: SSL.Connection) -> None:
        context = contexts[store.choose(connection.get_servername())]
        if context is not connection.get_context():
            connection.set_context(context)

    return switch


def _stay(connection: SSL.Connection) -> None:
    """
    All clients are shown the same certificates.
    """


def _server_context(
    name: str, options: ServerTLS, group: Group, authorities: Sequence[Certificate]
) -> SSL.Context:
    ciphers = MODERN_CIPHERS if options.ciphers is None else options.ciphers
    context = new_context(SSL.TLS_SERVER_METHOD, ciphers, options.minimum_version)
    context.set_alpn_select_callback(_alpn_choice(tuple(options.alpn)))
    # Contexts share neither a cache nor the keys of tickets, and pyOpenSSL has no way to let them; so
    # nothing shows this today.  Were they ever shared, it alone would keep sessions in their listener.
    context.set_session_id(hashlib.sha256(name.encode()).digest())
    _set_sessions(context, options)
    if options.client_certificates is not None:
        _ask_for_certificate(context, options.client_certificates.required, authorities)
    for pair in group:
        pair.install(context)
    return context


def _set_sessions(context: SSL.Context, options: ServerTLS) -> None:
    """
    Let sessions be resumed as asked, but not where clients show certificates: OpenSSL does
    not verify them again then, and each resumption prolongs the session, so that
    an expired or no longer trusted one would be let in for ever.
    """
    kept = options.sessions if options.client_certificates is None else "none"
    context.set_session_cache_mode(_CACHE_MODES[kept])
    context.set_timeout(SESSION_LIFETIME)
    if kept != "tickets":
        context.set_options(SSL.OP_NO_TICKET)


def _ask_for_certificate(context: SSL.Context, required: bool, authorities: Sequence[Certificate]) -> None:
    trust(context, authorities)
    for certificate in authorities:
        context.add_client_ca(certificate)
    context.set_verify(SSL.VERIFY_PEER | (SSL.VERIFY_FAIL_IF_NO_PEER_CERT if required else 0))


def _alpn_choice(known: Sequence[bytes]) -> Callable[[SSL.Connection, list[bytes]], bytes]:
    def choose(connection: SSL.Connection, offered: list[bytes]) -> bytes:
        """
        RFC 7301, section 3.2: with nothing in common the handshake fails, so that
        no client takes our answer for one in another protocol.
        """
        for protocol in known:
            if protocol in offered:
                return protocol
        raise NoCommonProtocol(offered)

    return choose
