"""
What a connection's transport tells of its client.
"""

from __future__ import annotations

from typing import cast

from OpenSSL import SSL

from revproxy.edge.http1_settings import Http1Settings
from revproxy.edge.tls.peer import client_subject
from revproxy.exchange import Peer
from revproxy.flow.transport import IStreamTransport


def peer_of(transport: IStreamTransport, settings: Http1Settings) -> Peer:
    """
    @param transport: over TLS one whose handshake is done.
    @param settings: of the listener that it came by.
    """
    other, own = transport.getPeer(), transport.getHost()
    server_name = subject = None
    if settings.secure:
        connection = cast(SSL.Connection, transport.getHandle())
        server_name = connection.get_servername()
        if settings.asks_for_certificates:
            subject = client_subject(connection)
    return Peer(
        _plain(getattr(other, "host", "")),
        getattr(other, "port", 0),
        getattr(own, "port", 0),
        settings.listener,
        settings.secure,
        server_name.lower() if server_name else None,
        subject,
    )


def _plain(address: str) -> str:
    """
    @return: an IPv4 client of an IPv6 socket as what it is (RFC 4291 section 2.5.5.2).
    """
    return address.removeprefix("::ffff:") if "." in address else address
