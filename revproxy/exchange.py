"""
One request and its response, as all components see them.

An exchange knows nothing of its connection's protocol: HTTP/1 makes the same
object as every later version.  What the client sent (L{Request}) is frozen; what
goes to the upstream (L{Outbound}) and what comes back (L{Response}) are what
filters change.  Framing is not among the fields: C{Content-Length},
C{Transfer-Encoding}, C{Connection} and C{Trailer} are written by whoever
serialises the message, from its C{length}.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from revproxy.compiled import mypyc_attr
from revproxy.errors import ExchangeError
from revproxy.wire.fields import Fields, FrozenFields, Pair
from revproxy.wire.framing import UNKNOWN as UNKNOWN
from revproxy.wire.serialize import Prepared, UnsafeField, field_lines

if TYPE_CHECKING:
    from revproxy.interfaces import IDownstream


@mypyc_attr(acyclic=True)
class Peer:
    """
    What is known of a connection, the same for each of its exchanges.

    @ivar address: the other end's IP address as text; empty for a UNIX socket.
    @ivar port: the other end's port, or 0.
    @ivar local_port: the port that was connected to, or 0.
    @ivar listener: the name of the listener in the configuration.
    @ivar secure: whether the connection came over TLS.
    @ivar server_name: the name that the TLS client asked for, in lower case, if any.
    @ivar subject: the verified subject of the client's certificate, if any.
    """

    __slots__ = ("address", "listener", "local_port", "port", "secure", "server_name", "subject")

    def __init__(
        self,
        address: str = "",
        port: int = 0,
        local_port: int = 0,
        listener: str = "",
        secure: bool = False,
        server_name: bytes | None = None,
        subject: bytes | None = None,
    ) -> None:
        self.address = address
        self.port = port
        self.local_port = local_port
        self.listener = listener
        self.secure = secure
        self.server_name = server_name
        self.subject = subject


@mypyc_attr(acyclic=True)
class Request:
    """
    The request as the client made it.  Frozen by convention: nothing changes it.

    @ivar scheme: C{b"http"} or C{b"https"}, as the client (or a trusted proxy) used it.
    @ivar authority: the host and, where given, the port, in lower case.
    @ivar host: the authority without its port.
    @ivar path: the canonical path, the same for matching and for forwarding.
    @ivar query: what follows the question mark, or C{None} where there is none.
    @ivar version: C{b"1.0"}, C{b"1.1"} and so on.
    @ivar fields: all fields as received, hop-by-hop ones too.
    @ivar length: the body's length in octets, C{UNKNOWN}, or C{None} for no body.
    @ivar upgrade: the protocol that the client asks to switch to, or C{None}.
    @ivar expects_continue: whether the client waits for a 100 before it sends the body.
    @ivar trailers: whether the client takes trailers.
    """

    __slots__ = (
        "authority", "expects_continue", "fields", "host", "length", "method", "path", "query", "scheme",
        "trailers", "upgrade", "version",
    )  # fmt: skip

    def __init__(
        self,
        method: bytes,
        scheme: bytes,
        authority: bytes,
        host: bytes,
        path: bytes,
        query: bytes | None,
        version: bytes,
        fields: FrozenFields,
        length: int | None = None,
        upgrade: bytes | None = None,
        expects_continue: bool = False,
        trailers: bool = False,
    ) -> None:
        self.method = method
        self.scheme = scheme
        self.authority = authority
        self.host = host
        self.path = path
        self.query = query
        self.version = version
        self.fields = fields
        self.length = length
        self.upgrade = upgrade
        self.expects_continue = expects_continue
        self.trailers = trailers

    @property
    def target(self) -> bytes:
        """
        The path with its query.
        """
        return self.path if self.query is None else self.path + b"?" + self.query


@mypyc_attr(acyclic=True)
class _Message:
    """
    The end-to-end fields of a message.  As long as nobody asks for them they stay as
    they were prepared, and cost nothing.
    """

    __slots__ = ("_fields",)

    _fields: Fields | Prepared
    _apart: ClassVar = frozenset((b"connection", b"content-length", b"transfer-encoding"))

    @property
    def fields(self) -> Fields:
        """
        The fields, to be looked at and changed.
        """
        held = self._fields
        if isinstance(held, Prepared):
            held = self._fields = Fields(held.fields)
        return held

    @property
    def pairs(self) -> FrozenFields | Fields:
        """
        The fields, only to be looked at.
        """
        held = self._fields
        return held.fields if isinstance(held, Prepared) else held

    def add_line(self, line: bytes) -> None:
        """
        Add a field.

        @param line: the field's line with its CRLF, as L{field_lines} makes it.
        """
        held = self._fields
        if isinstance(held, Prepared):
            self._fields = held.with_line(line)
        else:
            held.extend(Prepared(line).fields)

    @property
    def dated(self) -> bool:
        """
        Whether C{Date} is among the fields.
        """
        held = self._fields
        return held.dated if isinstance(held, Prepared) else held.get(b"date") is not None

    def lines(self) -> bytes:
        """
        @return: the fields as HTTP/1 field lines.
        @raise UnsafeField: where a filter left something that cannot be sent, or that
            is written apart and would be there twice.
        """
        held = self._fields
        if isinstance(held, Prepared):
            return held.lines
        if not self._apart.isdisjoint([name.lower() for name, _ in held]):
            raise UnsafeField("framing, or Host, is among the fields")
        return field_lines(held)


@mypyc_attr(acyclic=True)
class Outbound(_Message):
    """
    The request as it will go to the upstream.  Filters change it.

    @ivar target: the path and query in origin-form, or C{b"*"}.
    @ivar authority: what the C{Host} field will say; C{None} means that the
        upstream's C{host} option decides.
    @ivar trailers: whether trailers are wanted with the response.
    """

    __slots__ = ("authority", "method", "target", "trailers")

    _apart = _Message._apart | {b"host"}

    def __init__(
        self,
        method: bytes,
        target: bytes,
        authority: bytes | None,
        fields: Fields | Prepared,
        trailers: bool = False,
    ) -> None:
        """
        @param fields: the end-to-end fields, with the forwarding ones added.
        """
        self._fields = fields
        self.method = method
        self.target = target
        self.authority = authority
        self.trailers = trailers


@mypyc_attr(acyclic=True)
class Response(_Message):
    """
    The head of a response.  Filters change it.

    @ivar reason: the reason phrase as received; may be empty.
    @ivar length: the body's length in octets, C{UNKNOWN}, or C{None} for no
        C{Content-Length} on a response without a body.  An answer to HEAD and a 304
        tell the length of a body that is not sent.
    """

    __slots__ = ("length", "reason", "status")

    def __init__(
        self, status: int, reason: bytes, fields: Fields | Prepared, length: int | None = UNKNOWN
    ) -> None:
        """
        @param fields: the end-to-end fields.
        """
        self._fields = fields
        self.status = status
        self.reason = reason
        self.length = length


@mypyc_attr(allow_interpreted_subclasses=True)
class Reply:
    """
    A whole answer that a filter gives in the upstream's place.  It may be inherited from.

    @param fields: pairs with names in lower case; framing is added.
    @param body: where it is C{None}, a small body that names the status is made.
    """

    __slots__ = ("body", "fields", "status")

    def __init__(self, status: int, fields: Iterable[Pair] | None = None, body: bytes | None = None) -> None:
        self.status = status
        self.fields = Fields(() if fields is None else fields)
        self.body = body


class Exchange:
    """
    One request, its response, and what was decided on the way.

    @ivar client: the client's address, which a trusted proxy may have told; the
        key to count clients by.
    @ivar downstream: where the response goes.
    @ivar response: the head sent to the client, once there is one.
    @ivar why: each decision in a few words, in order.
    @ivar server: the name of the upstream server that answered or failed last.
    @ivar tries: how many servers the request was sent to.
    @ivar error: what ended the exchange, where the upstream's answer did not.
    @ivar apart: what the upstream is told of the URL and the client that is not in the
        request's own URL, in the form of L{ForwardedPolicy.apart}: mostly nothing.
    @ivar started: when the head was complete, in seconds of the reactor's clock.
    @ivar first_byte: when the response's head came, or C{None}.
    @ivar ended: when the last byte was handed to the transport, or C{None}.
    @ivar body_sent: how many octets of body went to the client.
    @ivar most_body: how many octets the request's body may have.
    """

    __slots__ = (
        "apart", "body_sent", "client", "downstream", "ended", "error", "first_byte", "most_body",
        "outbound", "peer", "request", "response", "server", "started", "tries", "why",
    )  # fmt: skip

    def __init__(
        self,
        request: Request,
        outbound: Outbound,
        peer: Peer,
        client: str,
        downstream: IDownstream,
        started: float,
        most_body: int,
        apart: bytes = b"",
    ) -> None:
        self.request = request
        self.apart = apart
        self.most_body = most_body
        self.outbound = outbound
        self.peer = peer
        self.client = client
        self.downstream = downstream
        self.started = started
        self.response: Response | None = None
        self.why: list[str] = []
        self.server: str | None = None
        self.tries = 0
        self.error: ExchangeError | None = None
        self.first_byte: float | None = None
        self.ended: float | None = None
        self.body_sent = 0
