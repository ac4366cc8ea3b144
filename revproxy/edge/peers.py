"""
What a connection's transport tells of its client.
"""

from __future__ import annotations

from typing import cast

from OpenSSL import SSL

from revproxy.edge.tls.peer import client_subject
from revproxy.exchange import Peer
from revproxy.flow.transport import IStreamTransport


def peer_of(transport: IStreamTransport, listener: str, secure: bool) -> Peer:
    """
    @param secure: whether the transport is TLS, its handshake done.
    """
    other, own = transport.getPeer(), transport.getHost()
    server_name = subject = None
    if secure:
        connection = cast(SSL.Connection, transport.getHandle())
        server_name = connection.get_servername()
        subject = client_subject(connection)
    return Peer(
        _plain(getattr(other, "host", "")),
        getattr(other, "port", 0),
        getattr(own, "port", 0),
        listener,
        secure,
        server_name.lower() if server_name else None,
        subject,
    )


def _plain(address: str) -> str:
    """
    @return: an IPv4 client of an IPv6 socket as what it is (RFC 4291 section 2.5.5.2).
    """
    return address.removeprefix("::ffff:") if "." in address else address
