"""
A proxy with a cache, and clients that look at what they are answered.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import suppress
from http.client import HTTPMessage
from typing import Any, NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from tests.certificates import Authority
from tests.live.programs import DEADLINE, free_port, new_directory
from tests.live.proxy import Document, Proxy, local, relaying

LOOPBACK = ["127.0.0.0/8"]

_AUTHORITY = "a.test"


class Response(NamedTuple):
    """
    A response with its fields.
    """

    status: int
    fields: HTTPMessage
    body: bytes

    @property
    def told(self) -> str:
        """
        What the cache says that it did.
        """
        name, _, told = (self.fields["cache-status"] or "").partition("; ")
        assert name == "revproxy", self.fields
        return told

    @property
    def is_hit(self) -> bool:
        """
        Whether the origin was not asked.
        """
        return self.told.startswith("hit; ttl=")


def caching(origin: str, store: Document | None = None, **use: Any) -> Document:
    """
    A configuration that relays everything, and keeps what it can; everybody may purge.

    @param store: what keeps it, instead of memory.
    @param use: how the route uses the cache.
    """
    document = relaying(origin)
    document["caches"] = {"pages": store or {"type": "memory"}}
    document["routes"][0]["cache"] = {"use": "pages", "purge_from": LOOPBACK, **use}
    return document


def with_tls(test: SynchronousTestCase, document: Document) -> ssl.SSLContext:
    """
    Give a configuration one listener more, C{secure}.

    @return: what its clients need.
    """
    authority = Authority(new_directory(test))
    pair = authority.issue([_AUTHORITY])
    files = {"certificate": str(pair.certificate), "key": str(pair.key)}
    document["listeners"]["secure"] = {"endpoint": local(free_port()), "tls": {"certificates": [files]}}
    return ssl.create_default_context(cafile=str(authority.certificate))


class Client:
    """
    A client with one connection, that is opened again where the proxy closes it.
    """

    def __init__(
        self, test: SynchronousTestCase, proxy: Proxy, context: ssl.SSLContext | None = None
    ) -> None:
        """
        @param context: for TLS.
        """
        self._proxy = proxy
        self._context = context
        port = proxy.port("web" if context is None else "secure")
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        self._connection.sock = connect(proxy, context)
        test.addCleanup(self.close)

    def ask(self, path: str, method: str = "GET", **fields: str) -> Response:
        """
        One more request.

        @param fields: by their names, with underscores for dashes.
        """
        if self._connection.sock is None:
            self._connection.sock = connect(self._proxy, self._context)
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        self._connection.request(method, path, headers={"Host": _AUTHORITY, **named})
        response = self._connection.getresponse()
        return Response(response.status, response.headers, response.read())

    def close(self) -> None:
        """
        Leave.
        """
        self._connection.close()

    def purge(self, path: str, **fields: str) -> bytes:
        """
        Purge something.

        @return: what the proxy says of it.
        """
        purged = self.ask(path, "PURGE", **fields)
        assert purged.status == 200, purged
        return purged.body


def connect(proxy: Proxy, context: ssl.SSLContext | None = None, narrow: bool = False) -> socket.socket:
    """
    A connection that the test closes.

    @param narrow: whether the system is to hold little for it.
    """
    plain = socket.socket()
    if narrow:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.settimeout(DEADLINE)
    plain.connect(("127.0.0.1", proxy.port("web" if context is None else "secure")))
    return plain if context is None else context.wrap_socket(plain, server_hostname=_AUTHORITY)


def begin_to_ask(
    proxy: Proxy, path: str, context: ssl.SSLContext | None = None, narrow: bool = False
) -> socket.socket:
    """
    Ask on a new connection, and do not wait for the answer; see L{connect}.
    """
    client = connect(proxy, context, narrow)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: {_AUTHORITY}\r\nConnection: close\r\n\r\n".encode())
    return client


def begun(client: socket.socket) -> http.client.HTTPResponse:
    """
    Read the head of the answer.
    """
    answer = http.client.HTTPResponse(client)
    answer.begin()
    return answer


def whole(answer: http.client.HTTPResponse) -> Response | None:
    """
    Read the rest of an answer.

    @return: L{None} where it is not whole.
    """
    with answer, suppress(http.client.HTTPException, OSError):
        return Response(answer.status, answer.headers, answer.read())
    return None


def answer_to(client: socket.socket) -> Response | None:
    """
    Read the answer, and close the connection.

    @return: L{None} where it is not whole.
    """
    with client, suppress(http.client.HTTPException, OSError):
        return whole(begun(client))
    return None
