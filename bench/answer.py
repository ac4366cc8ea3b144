"""
One look at a proxy's answer before its speed is measured.
"""

import ssl
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from socket import create_connection, socket

from bench.rows import Row

TIMEOUT = 20.0
"""
Seconds that any step of the exchange may take.
"""


class WrongAnswer(Exception):
    """
    The proxy did not relay what the origin serves.
    """


def check_answer(row: Row, port: int, certificate: Path) -> None:
    """
    Ask once, or over TLS twice, for what the row will ask for.

    @param port: where on 127.0.0.1 the proxy listens.
    @param certificate: the one that the proxy must present.
    @raise WrongAnswer: if an answer is not the origin's, or if a TLS session could be resumed, since then a
        handshake measured would not be a full one.
    """
    context = ssl.create_default_context(cafile=certificate)
    try:
        session = _ask(row, port, context, None)
        if session is not None:
            _ask(row, port, context, session)
    except (OSError, HTTPException) as error:
        raise WrongAnswer(f"{type(error).__name__}: {error}") from error


def _ask(
    row: Row, port: int, context: ssl.SSLContext, session: ssl.SSLSession | None
) -> ssl.SSLSession | None:
    with create_connection(("127.0.0.1", port), TIMEOUT) as plain:
        if not row.tls:
            _check_exchange(row, plain)
            return None
        with context.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as secure:
            _check_exchange(row, secure)
            if secure.session_reused:
                raise WrongAnswer("a TLS session was resumed")
            return secure.session


def _check_exchange(row: Row, connection: socket) -> None:
    lines = [f"GET {row.path} HTTP/1.1", "Host: 127.0.0.1", *row.fields, "", ""]
    connection.sendall("\r\n".join(lines).encode("ascii"))
    response = HTTPResponse(connection)
    response.begin()
    body = response.read()
    if response.status != 200:
        raise WrongAnswer(f"status {response.status}")
    if len(body) != row.size:
        raise WrongAnswer(f"a body of {len(body)} bytes where {row.size} were due")
