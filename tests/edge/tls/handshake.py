"""
TLS handshakes in memory, between two pyOpenSSL connections.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from OpenSSL import SSL

from revproxy.edge.tls.options import ServerTLS
from revproxy.edge.tls.server import ServerConnections
from tests.certificates import Pair


class Pipe:
    """
    A client and a server, and what one has written for the other.

    A session ends with the connection that it was made by, unless that is closed
    in good order: to resume it, keep its pipe.
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
        for _ in range(10):
            waiting = [side for side in waiting if not self._step(side)]
        assert not waiting, "the handshake does not come to an end"
        # With TLS 1.3 the client has no session to resume before it has read something.
        self.say(b"hello")
        return self

    def say(self, data: bytes) -> None:
        """
        Let the server say something that the client hears.
        """
        self.server.send(data)
        self.carry()
        assert self.client.recv(len(data)) == data

    def _step(self, side: SSL.Connection) -> bool:
        try:
            side.do_handshake()
        except SSL.WantReadError:
            return False
        finally:
            self.carry()
        return True

    def carry(self) -> None:
        """
        Carry what each side has written to the other.
        """
        for source, target in ((self.client, self.server), (self.server, self.client)):
            try:
                target.bio_write(source.bio_read(1 << 16))
            except SSL.WantReadError:
                pass


def client_context(
    authority: Path, maximum: int = SSL.TLS1_3_VERSION, pair: Pair | None = None
) -> SSL.Context:
    """
    A client that verifies, written without any code of ours.

    @param maximum: the newest version of TLS that it speaks.
    @param pair: the certificate that it shows when asked for one.
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.load_verify_locations(str(authority))
    context.set_verify(SSL.VERIFY_PEER)
    context.set_max_proto_version(maximum)
    if pair is not None:
        context.use_certificate_chain_file(str(pair.certificate))
        context.use_privatekey_file(str(pair.key))
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


def resumed(pipe: Pipe) -> bool:
    """
    Whether a handshake resumed a session: only in a full one does the client get
    the server's certificate and verify it.
    """
    return pipe.client.get_verified_chain() is None


def shown(pipe: Pipe) -> str:
    """
    The subject of the certificate that the server showed.
    """
    certificate = pipe.client.get_peer_certificate(as_cryptography=True)
    assert certificate is not None
    return certificate.subject.rfc4514_string()


def listener(*certificates: tuple[Path, Path], name: str = "test", **options: Any) -> ServerConnections:
    """
    A listener of ours with these certificates.

    @param options: of L{ServerTLS}.
    """
    return ServerConnections(name, ServerTLS(certificates=certificates, **options), datetime.now(UTC))
