"""
An origin that is well, sick or gone, as a test says.
"""

from __future__ import annotations

import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import ThreadingMixIn, UnixStreamServer
from threading import Thread
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.certificates import Pair


class _Answering(BaseHTTPRequestHandler):
    """
    Answers with its origin's name, and on C{/healthz} with how it is.
    """

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        """
        Answer.
        """
        origin = self.server.origin
        if self.path == "/healthz":
            origin.probes.append(dict(self.headers.items()))
            self.answer(origin.health, b"as told")
        else:
            self.answer(200, origin.name.encode())

    def answer(self, status: int, body: bytes) -> None:
        """
        Send the whole response.
        """
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def address_string(self) -> str:
        return "somebody"

    @override
    def log_message(self, format: str, *args: object) -> None:
        """
        Keep the test's output clean.
        """


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    origin: CheckedOrigin

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """
        Keep the test's output clean.
        """


class _UnixServer(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    origin: CheckedOrigin


class CheckedOrigin:
    """
    Listens on a port of its own, the same each time it is started.

    @ivar health: the status of its health.
    @ivar probes: the fields of each request for that.
    """

    def __init__(
        self, test: SynchronousTestCase, name: str = "one", pair: Pair | None = None, path: str | None = None
    ) -> None:
        """
        @param pair: its certificate, where it speaks TLS.
        @param path: of a UNIX socket to listen on instead.
        """
        self.name = name
        self.health = 200
        self.probes: list[dict[str, str]] = []
        self._pair = pair
        self._path = path
        self._port = 0
        self._server: _Server | _UnixServer | None = None
        self.start()
        test.addCleanup(self.stop)

    @property
    def url(self) -> str:
        """
        Without a slash at the end.
        """
        if self._path is not None:
            return f"http+unix://{self._path}"
        return f"{'http' if self._pair is None else 'https'}://127.0.0.1:{self._port}"

    def start(self) -> None:
        """
        Listen.
        """
        if self._path is not None:
            self._server = _UnixServer(self._path, _Answering)
        else:
            self._server = _Server(("127.0.0.1", self._port), _Answering)
            self._port = self._server.server_address[1]
        if self._pair is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._pair)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._server.origin = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """
        Be gone, so that connections are refused.
        """
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None
