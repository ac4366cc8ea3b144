"""
Resumed TLS handshakes: C{python -m bench.generators.resumed PORT SECONDS CONNECTIONS}.

Each of so many threads makes one connection after another, asks for one file, and takes the session on to the
next connection.  It prints how many handshakes were C{done} in how many C{seconds}.
"""

import json
import ssl
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from socket import create_connection

from bench.request import Request

REQUEST = Request("/1k", tls=True, fields=("Connection: close",)).head()
TIMEOUT = 20.0


class NotResumed(Exception):
    """
    The server made a full handshake with a client that had a session.
    """


def client_context() -> ssl.SSLContext:
    """
    Make a client that spends nothing on the server's certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connect(context: ssl.SSLContext, port: int, session: ssl.SSLSession | None) -> ssl.SSLSession | None:
    """
    Make one connection with one request.

    @param session: what to resume.
    @return: what the next connection can resume.
    @raise NotResumed: if the session was not resumed.
    @raise OSError: if the connection fails, or nothing is answered.
    """
    with (
        create_connection(("127.0.0.1", port), TIMEOUT) as plain,
        context.wrap_socket(plain, session=session) as secure,
    ):
        if session is not None and not secure.session_reused:
            raise NotResumed("a TLS session was not resumed")
        secure.sendall(REQUEST)
        if not secure.recv(65536).startswith(b"HTTP/1.1 200 "):
            raise ConnectionError("the request was not answered")
        while secure.recv(65536):
            pass
        return secure.session


def resume_until(port: int, deadline: float) -> int:
    """
    Make one connection after another.

    @param deadline: when to stop, by the monotonic clock.
    @return: how many sessions were resumed.
    """
    context = client_context()
    session = connect(context, port, None)
    done = 0
    while time.monotonic() < deadline:
        session = connect(context, port, session)
        done += 1
    return done


def main(arguments: Sequence[str]) -> None:
    """
    Run the program.
    """
    port, seconds, connections = int(arguments[0]), float(arguments[1]), int(arguments[2])
    began = time.monotonic()
    with ThreadPoolExecutor(connections) as threads:
        each = [threads.submit(resume_until, port, began + seconds) for _ in range(connections)]
    done = sum(future.result() for future in each)
    print(json.dumps({"done": done, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main(sys.argv[1:])
