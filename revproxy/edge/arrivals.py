"""
From a request's head to an exchange: who asks, and what the upstream is told of it.
"""

from __future__ import annotations

from revproxy.edge.http1_settings import Http1Settings
from revproxy.errors import Misdirected
from revproxy.exchange import Exchange, Outbound, Peer, Request
from revproxy.interfaces import IDownstream
from revproxy.wire.fields import Fields, FrozenFields
from revproxy.wire.request_head import RequestHead, Section
from revproxy.wire.serialize import Prepared

_MOST_LOGGED = 256


class Arrivals:
    """
    Makes the exchanges of one connection.

    Clients repeat their header sections, and what the upstream is told follows from
    the section and the connection: so it is kept from one request to the next.

    @ivar heads: the parser for this peer's heads.
    """

    __slots__ = (
        "_client",
        "_client_names_host",
        "_kept_apart",
        "_kept_authority",
        "_kept_fields",
        "_kept_section",
        "_most_body",
        "_scheme",
        "_seconds",
        "_settings",
        "heads",
        "peer",
    )  # fmt: skip

    def __init__(self, settings: Http1Settings, peer: Peer) -> None:
        self.heads = settings.heads_for(peer.address)
        self._settings = settings
        self._seconds = settings.clock.seconds
        self._most_body = settings.most_body
        self.peer = peer
        self._scheme = b"https" if peer.secure else b"http"
        self._client = peer.address
        self._client_names_host = peer.secure and settings.asks_for_certificates
        self._kept_section: Section | None = None
        self._kept_authority = b""
        self._kept_apart = b""
        self._kept_fields = Prepared(())

    def exchange(self, head: RequestHead, downstream: IDownstream) -> Exchange:
        """
        @return: the exchange, whose outbound request has the forwarding fields.
        """
        line, section, authority = head.line, head.section, head.authority
        if section is not self._kept_section or authority != self._kept_authority:
            self._keep(section, authority, line.version)
        request = Request(
            line.method, self._scheme, authority, head.host, line.path, line.query, line.version,
            section.fields, section.length, section.upgrade, section.expects_continue, section.trailers,
        )  # fmt: skip
        outbound = Outbound(line.method, line.target, None, self._kept_fields, section.trailers)
        return Exchange(
            request, outbound, self.peer, self._client, downstream, self._seconds(), self._most_body,
            self._kept_apart,
        )  # fmt: skip

    def check_directed(self, host: bytes) -> None:
        """
        Where clients show certificates, the host that is asked for has to be the
        one that the handshake was made for (RFC 9110 section 7.4).

        @raise Misdirected: where it is not.
        """
        asked = self.peer.server_name
        if self._client_names_host and host != asked and not (asked is None and _is_address(host)):
            raise Misdirected(f"{host!r} was asked for in a session for {asked!r}")

    def malformed(self, downstream: IDownstream, head: bytes) -> Exchange:
        """
        @param head: what came of it; its first words are for the log, and tell
            whether a body is wanted.
        @return: an exchange for what could not be read as a request.
        """
        words = head[:_MOST_LOGGED].split(b"\r\n", 1)[0].split(b" ")
        method, path = (words[0], words[1]) if len(words) > 1 else (b"-", b"-")
        request = Request(method, self._scheme, b"", b"", path, None, b"1.1", FrozenFields())
        outbound = Outbound(b"-", b"-", None, Fields())
        return Exchange(request, outbound, self.peer, self.peer.address, downstream, self._seconds(), 0)

    def _keep(self, section: Section, authority: bytes, version: bytes) -> None:
        """
        Find out who asks, and prepare what the upstream is told of it.
        """
        peer, settings = self.peer, self._settings
        own_scheme = b"https" if peer.secure else b"http"
        origin = settings.forwarded.client(peer.address, section.fields)
        told = settings.forwarded.fields(
            origin, peer.address, own_scheme, authority, peer.local_port, version
        )
        self._client = origin.address
        self._scheme = origin.scheme or own_scheme
        self._kept_apart = settings.forwarded.apart(
            origin, self._scheme, authority, peer.local_port, section.end_to_end
        )
        if settings.subject_field is not None and peer.subject is not None:
            told.append((settings.subject_field, peer.subject))
            self._kept_apart += b" subject:%d:%b" % (len(peer.subject), peer.subject)
        self._kept_section = section
        self._kept_authority = authority
        self._kept_fields = Prepared([*section.end_to_end, *told])


def _is_address(host: bytes) -> bool:
    """
    TLS clients cannot ask for an address by name (RFC 6066 section 3).
    """
    return host.startswith(b"[") or host.replace(b".", b"").isdigit()
