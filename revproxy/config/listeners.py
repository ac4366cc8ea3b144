"""
C{listeners}: where clients connect to.
"""

from __future__ import annotations

from typing import Literal

from OpenSSL import SSL
from pydantic import field_validator

from revproxy.config.endpoints import Endpoint
from revproxy.config.settings import Settings, option, required
from revproxy.config.units import Delay, Duration
from revproxy.config.values import HOST, FieldName, ReadableFile, refuse_framing


class CertificateSettings(Settings):
    """
    A certificate chain and its key.
    """

    certificate: ReadableFile = required("PEM file: the certificate, then those that signed it.")
    key: ReadableFile = required("PEM file: the certificate's private key, not encrypted.")


class ClientCertificateSettings(Settings):
    """
    Certificates that clients have to show, or may.
    """

    mode: Literal["required", "optional"] = option(
        "required", "Whether who shows none is refused (required) or let in without a subject (optional)."
    )
    ca: ReadableFile = required("PEM file: the authorities that sign clients' certificates.")
    header: FieldName | None = option(
        "X-Client-Subject",
        "Request field that hands the certificate's subject to the upstream;"
        " what a client sends under this name is always removed.",
    )

    @field_validator("header")
    @classmethod
    def _check_header(cls, header: bytes | None) -> bytes | None:
        if header == HOST:
            raise ValueError("the Host field has a meaning of its own")
        if header is not None:
            refuse_framing(header)
        return header


class ListenerTLSSettings(Settings):
    """
    TLS on a listener.
    """

    certificates: list[CertificateSettings] = required(
        "Chosen by the name that the client asks for; the first is the default.", min_length=1
    )
    minimum_version: Literal["TLSv1.2", "TLSv1.3"] = option("TLSv1.2", "The oldest TLS that is spoken.")
    ciphers: str | None = option(
        None, "OpenSSL's list of ciphers for TLS 1.2; without it, the modern ones with forward secrecy."
    )
    sessions: Literal["tickets", "cache", "none"] = option(
        "tickets",
        "Who keeps what a session is resumed with: the clients (tickets), the proxy (cache) or nobody (none)."
        " Where clients show certificates, no session is resumed.",
    )
    handshake_timeout: Duration = option("10s", "How long a handshake may take.")
    reload_interval: Delay = option("5s", "How often the files are looked at for new ones; 0 for never.")
    client_certificates: ClientCertificateSettings | None = option(
        None, "Ask clients for certificates; without it none are asked for."
    )

    @field_validator("ciphers")
    @classmethod
    def _check_ciphers(cls, ciphers: str | None) -> str | None:
        if ciphers is not None:
            try:
                SSL.Context(SSL.TLS_METHOD).set_cipher_list(ciphers.encode())
            except SSL.Error as error:
                raise ValueError(f"OpenSSL finds no cipher in {ciphers!r:.60}") from error
        return ciphers


class ListenerSettings(Settings):
    """
    One place where clients connect to.
    """

    endpoint: Endpoint = required(
        "Twisted server endpoint: tcp:8080, tcp:8080:interface=127.0.0.1, tcp6:8080, unix:/run/web.sock,"
        " systemd:domain=INET:name=web, haproxy:tcp:8080 and so on."
    )
    tls: ListenerTLSSettings | None = option(None, "Speak TLS; without it, plain HTTP.")
