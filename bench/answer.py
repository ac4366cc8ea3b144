"""
One look at a proxy's answer before its speed is measured.
"""

import ssl
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from socket import create_connection, socket

from bench.request import MARK, Request

TIMEOUT = 20.0
"""
Seconds that any step of the exchange may take.
"""


class WrongAnswer(Exception):
    """
    The proxy did not relay what the origin serves.
    """


def check_answer(request: Request, port: int, certificate: Path, resumption: bool | None = None) -> None:
    """
    Ask for what the load will ask for.

    @param port: where on 127.0.0.1 the proxy listens.
    @param certificate: the one that the proxy must present.
    @param resumption: whether a second connection must resume the TLS session of the first, or must not;
        L{None} where that does not matter.
    @raise WrongAnswer: if an answer is not the origin's, or if a TLS session was resumed where none should
        be, or the other way round: it would be another handshake that is measured.
    """
    context = ssl.create_default_context(cafile=certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        session = _ask(request, port, context, None, False)
        if resumption is not None:
            _ask(request, port, context, session, resumption)
    except (OSError, HTTPException) as error:
        raise WrongAnswer(f"{type(error).__name__}: {error}") from error


def check_kept(request: Request, port: int, kept: bool) -> None:
    """
    Ask twice for what the origin says may be kept.

    @param port: where on 127.0.0.1 the proxy listens.
    @param kept: whether the second answer must be that which was kept of the first, or must not.
    @raise WrongAnswer: if an answer is not the origin's, or where it should not come from.
    """
    try:
        with create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            marks = {exchange(request, connection).getheader(MARK) for _ in range(2)}
    except (OSError, HTTPException) as error:
        raise WrongAnswer(f"{type(error).__name__}: {error}") from error
    if None in marks or (len(marks) == 1) != kept:
        raise WrongAnswer(f"an answer was {'not ' if kept else ''}kept")


def _ask(
    request: Request, port: int, context: ssl.SSLContext, session: ssl.SSLSession | None, resumption: bool
) -> ssl.SSLSession | None:
    with create_connection(("127.0.0.1", port), TIMEOUT) as plain:
        if not request.tls:
            exchange(request, plain)
            return None
        with context.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as secure:
            exchange(request, secure)
            if bool(secure.session_reused) != resumption:
                raise WrongAnswer(f"a TLS session was {'not ' if resumption else ''}resumed")
            return secure.session


def exchange(request: Request, connection: socket) -> HTTPResponse:
    """
    Send a request and read its answer.

    @return: the answer, read to its end.
    @raise WrongAnswer: if that is not the origin's.
    @raise HTTPException: if it is not HTTP.
    @raise OSError: if the connection ends, or a step takes too long.
    """
    connection.sendall(request.head() + bytes(request.sent))
    response = HTTPResponse(connection)
    response.begin()
    body = response.read()
    if response.status != 200:
        raise WrongAnswer(f"status {response.status}")
    if len(body) != request.size:
        raise WrongAnswer(f"a body of {len(body)} bytes where {request.size} were due")
    return response
