"""
What TLS is told by the configuration, as plain values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Sessions: TypeAlias = Literal["tickets", "cache", "none"]
"""
Who keeps what a session is resumed with: the clients, as tickets; we, in a cache
of bounded size; or nobody, so that each connection is a full handshake.
"""


@dataclass(frozen=True)
class ClientCertificates:
    """
    Which certificates clients must show.

    @ivar required: whether a client without one is refused.  One that does not
        verify is refused either way.
    @ivar ca: PEM file of the authorities whose certificates are accepted.
    """

    required: bool
    ca: Path


@dataclass(frozen=True)
class ServerTLS:
    """
    TLS of one listener.

    @ivar certificates: pairs of PEM files, a certificate with its chain and its
        key.  The first is for clients that name no server, or an unknown one.
    @ivar minimum_version: C{TLSv1.2} or C{TLSv1.3}.
    @ivar ciphers: OpenSSL's list for TLS 1.2, or L{None} for the modern one.
    @ivar sessions: how they are resumed.  Where clients show certificates, none are.
    @ivar client_certificates: L{None} where clients are asked for none.
    @ivar alpn: the protocols to choose from, the preferred one first.
    """

    certificates: Sequence[tuple[Path, Path]]
    minimum_version: str = "TLSv1.2"
    ciphers: str | None = None
    sessions: Sessions = "tickets"
    client_certificates: ClientCertificates | None = None
    alpn: Sequence[bytes] = (b"http/1.1",)


@dataclass(frozen=True)
class ClientTLS:
    """
    TLS toward the servers of one upstream.

    @ivar ca: PEM file of the authorities to trust, or L{None} for the platform's.
    @ivar certificate: the PEM files of the certificate that we show and its key.
    @ivar server_name: whom to ask for and to expect instead of the server's host.
    @ivar verify: L{False} takes any certificate, so anybody in between can read along.
    @ivar alpn: the protocols to offer, the preferred one first.
    """

    ca: Path | None = None
    certificate: tuple[Path, Path] | None = None
    server_name: str | None = None
    verify: bool = True
    alpn: Sequence[bytes] = (b"http/1.1",)
