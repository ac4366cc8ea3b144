"""
TLS for listeners.
"""

from __future__ import annotations

from datetime import datetime

from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, IProtocolFactory, IReactorTime
from zope.interface import implementer

from revproxy.edge.tls.contexts import listener_context
from revproxy.edge.tls.factory import TLSFactory
from revproxy.edge.tls.files import Kept, keep_authorities, keep_pair, refresh_all
from revproxy.edge.tls.options import ServerTLS
from revproxy.edge.tls.store import CertificateStore
from revproxy.edge.turn import TurnWriter
from revproxy.errors import CertificateError


@implementer(IOpenSSLServerConnectionCreator)
class ServerConnections:
    """
    Makes the TLS connections of one listener.

    Certificates are chosen by SNI; the connection's C{get_servername()} tells
    afterwards which name the client asked for.
    """

    def __init__(self, name: str, options: ServerTLS, now: datetime) -> None:
        """
        @param name: the listener's; sessions of one are worth nothing at another.
        @param now: the time to check certificates with, aware of its zone.
        @raise CertificateError: a file cannot be used.
        """
        self._name = name
        self._options = options
        self._pairs = [keep_pair(*paths, now) for paths in options.certificates]
        asked = options.client_certificates
        self._authorities = None if asked is None else keep_authorities(asked.ca, now)
        self._renew()

    def accepting(self, protocol: object) -> SSL.Connection:
        """
        Make a connection that waits for the client's first word.
        """
        connection = SSL.Connection(self._context, None)
        connection.set_accept_state()
        return connection

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """
        Implement L{IOpenSSLServerConnectionCreator.serverConnectionForTLS}.
        """
        return SSL.Connection(self._context, None)

    def take_over(self, now: datetime) -> list[CertificateError]:
        """
        Look at all files; later connections use what has changed, those that are
        there go on.  Sessions end with it: they were made for what was before.

        @param now: the time to check certificates with, aware of its zone.
        @return: what could not be taken over; there the old one stays.
        """
        kept: list[Kept[object]] = [*self._pairs]
        if self._authorities is not None:
            kept.append(self._authorities)
        return refresh_all(kept, self._renew, now)

    def _renew(self) -> None:
        store = CertificateStore([kept.value for kept in self._pairs])
        authorities = () if self._authorities is None else self._authorities.value
        self._context = listener_context(self._name, self._options, store, authorities)


def wrap(
    factory: IProtocolFactory, creator: ServerConnections, clock: IReactorTime, turn: TurnWriter
) -> TLSFactory:
    """
    Put TLS around the protocols of any server endpoint's factory.  Who closes a connection
    has told all then, and waits for nothing.
    """
    return TLSFactory(creator.accepting, False, factory, clock, turn, waits=False)
