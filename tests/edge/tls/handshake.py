"""
TLS handshakes in memory, between two pyOpenSSL connections.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from OpenSSL import SSL

from revproxy.edge.tls.options import ServerTLS
from revproxy.edge.tls.server import ServerConnections


class Pipe:
    """
    A client and a server, and what one has written for the other.
    """

    def __init__(self, client: SSL.Connection, server: SSL.Connection) -> None:
        self.client = client
        self.server = server
        client.set_connect_state()
        server.set_accept_state()

    def handshake(self) -> Pipe:
        """
        Let both finish the handshake.

        @raise SSL.Error: what the side that refused first found.
        """
        waiting = [self.client, self.server]
        while waiting:
            waiting = [side for side in waiting if not self._step(side)]
        # With TLS 1.3 it is here that the client hears of a refusal or gets its tickets.
        self.server.send(b"hello")
        self._carry()
        assert self.client.recv(5) == b"hello"
        return self

    def _step(self, side: SSL.Connection) -> bool:
        try:
            side.do_handshake()
        except SSL.WantReadError:
            return False
        finally:
            self._carry()
        return True

    def _carry(self) -> None:
        for source, target in ((self.client, self.server), (self.server, self.client)):
            try:
                target.bio_write(source.bio_read(1 << 16))
            except SSL.WantReadError:
                pass


def client_context(authority: Path, maximum: int = SSL.TLS1_3_VERSION) -> SSL.Context:
    """
    A client that verifies, written without any code of ours.
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.load_verify_locations(str(authority))
    context.set_verify(SSL.VERIFY_PEER)
    context.set_max_proto_version(maximum)
    return context


def connect(
    context: SSL.Context,
    server: ServerConnections,
    name: bytes | None = None,
    session: SSL.Session | None = None,
) -> Pipe:
    """
    Finish a handshake between such a client and a listener of ours.

    @param name: what to send as SNI.
    @param session: what to resume.
    """
    client = SSL.Connection(context, None)
    if name is not None:
        client.set_tlsext_host_name(name)
    if session is not None:
        client.set_session(session)
    return Pipe(client, server.serverConnectionForTLS(None)).handshake()


def reused(connection: SSL.Connection) -> bool:
    """
    Whether a handshake resumed a session: a full one is the only in which the
    server's certificate is sent, and thus verified.
    """
    return connection.get_verified_chain() is None


def listener(*certificates: tuple[Path, Path], name: str = "test", **options: object) -> ServerConnections:
    """
    A listener of ours with these certificates.
    """
    tls = ServerTLS(certificates=certificates, **options)  # type: ignore[arg-type]
    return ServerConnections(name, tls, datetime.now(UTC))
