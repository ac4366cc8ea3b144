"""
A small origin server from the standard library, in a thread of its own.
"""

from __future__ import annotations

import json
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET6
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override


class Hello(BaseHTTPRequestHandler):
    """
    Answers every GET with the path that was asked for.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(b"origin: " + self.path.encode())

    def answer(self, body: bytes) -> None:
        """
        Send the whole response.
        """
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """
        Keep the test's output clean.
        """


class Mirror(Hello):
    """
    Answers with what it was asked, as JSON: method, target, fields by their names in
    lower case, and the digest of the body.
    """

    @override
    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        seen = {
            "method": self.command,
            "target": self.path,
            "version": self.request_version,
            "fields": {name.lower(): value for name, value in self.headers.items()},
            "size": len(body),
            "digest": sha256(body).hexdigest(),
        }
        self.answer(json.dumps(seen).encode())

    do_POST = do_PUT = do_GET


class _Server(ThreadingHTTPServer):
    """
    A server to which connections may end as they like.
    """

    daemon_threads = True

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """
        Keep the test's output clean.
        """


class _Server6(_Server):
    """
    The same by IPv6.
    """

    address_family = AF_INET6


class Where(Hello):
    """
    Answers with the address that was connected to.
    """

    @override
    def do_GET(self) -> None:
        self.answer(self.connection.getsockname()[0].encode())


def start_origin(
    test: SynchronousTestCase,
    handler: type[BaseHTTPRequestHandler] = Hello,
    address: str = "127.0.0.1",
    port: int = 0,
) -> str:
    """
    Start the origin for the length of a test.

    @return: its URL, without a slash at the end.
    """
    kind = _Server6 if ":" in address else _Server
    server = kind((address, port), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    test.addCleanup(server.server_close)
    test.addCleanup(thread.join)
    test.addCleanup(server.shutdown)
    return f"http://{f'[{address}]' if ':' in address else address}:{server.server_address[1]}"
