"""
From a request's head to an exchange: who asks, and what the upstream is told of it.
"""

from __future__ import annotations

from revproxy.edge.http1_settings import Http1Settings
from revproxy.errors import Misdirected
from revproxy.exchange import Exchange, Outbound, Peer, Request
from revproxy.interfaces import IDownstream
from revproxy.wire.fields import Fields, FrozenFields, Pair
from revproxy.wire.forwarded import Origin
from revproxy.wire.request_head import RequestHead


class Arrivals:
    """
    Makes the exchanges of one connection.

    Unless the peer is a trusted proxy, what the upstream is told depends on the
    host alone, so the last is kept.

    @ivar heads: the parser for this peer's heads.
    """

    __slots__ = ("_client_names_host", "_kept", "_kept_for", "_origin", "_peer", "_scheme", "_settings", "heads")

    def __init__(self, settings: Http1Settings, peer: Peer) -> None:
        self._settings = settings
        self._peer = peer
        self._scheme = b"https" if peer.secure else b"http"
        self._origin = None if settings.forwarded.trusts(peer.address) else Origin(peer.address)
        self._kept_for: tuple[bytes, bytes] | None = None
        self._kept: list[Pair] = []
        self._client_names_host = peer.secure and settings.subject_field is not None
        self.heads = settings.heads_for(peer.address)

    def exchange(self, head: RequestHead, downstream: IDownstream) -> Exchange:
        """
        @return: the exchange, whose outbound request has the forwarding fields.
        """
        method, target, authority, host, version, section = head
        origin = self._origin
        if origin is None:
            origin = self._settings.forwarded.client(self._peer.address, section.fields)
            told = self._told(origin, authority, version)
            scheme = origin.scheme or self._scheme
        else:
            scheme = self._scheme
            told = self._kept if self._kept_for == (authority, version) else self._keep(authority, version)
        path, query = target.path, target.query
        request = Request(
            method, scheme, authority, host, path, query, version, section.fields, section.length,
            section.upgrade, section.expects_continue, section.trailers,
        )  # fmt: skip
        fields = Fields(section.end_to_end)
        fields += told
        outbound = Outbound(
            method, path if query is None else path + b"?" + query, None, fields, section.trailers
        )
        settings = self._settings
        return Exchange(
            request, outbound, self._peer, origin.address, downstream, settings.clock.seconds(), settings.most_body
        )

    def check_directed(self, host: bytes) -> None:
        """
        Where clients show certificates, the host that is asked for has to be the
        one that the handshake was made for (RFC 9110 section 7.4).

        @raise Misdirected: where it is not.
        """
        if self._client_names_host and host != self._peer.server_name and not _is_address(host):
            raise Misdirected(f"{host!r} was asked for in a session for {self._peer.server_name!r}")

    def malformed(self, downstream: IDownstream) -> Exchange:
        """
        @return: an exchange for what could not be read as a request.
        """
        request = Request(b"-", self._scheme, b"", b"", b"-", None, b"1.1", FrozenFields())
        outbound = Outbound(b"-", b"-", None, Fields())
        return Exchange(
            request, outbound, self._peer, self._peer.address, downstream, self._settings.clock.seconds(), 0
        )

    def _keep(self, authority: bytes, version: bytes) -> list[Pair]:
        self._kept_for = (authority, version)
        self._kept = self._told(Origin(self._peer.address), authority, version)
        return self._kept

    def _told(self, origin: Origin, authority: bytes, version: bytes) -> list[Pair]:
        peer, settings = self._peer, self._settings
        told = settings.forwarded.fields(
            origin, peer.address, self._scheme, authority, peer.local_port, version
        )
        if settings.subject_field is not None and peer.subject is not None:
            told.append((settings.subject_field, peer.subject))
        return told


def _is_address(host: bytes) -> bool:
    """
    TLS clients cannot ask for an address by name (RFC 6066 section 3).
    """
    return host.startswith(b"[") or host.replace(b".", b"").isdigit()
