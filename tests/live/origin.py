"""
A small origin server from the standard library, in a thread of its own.
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override


class _Hello(BaseHTTPRequestHandler):
    """
    Answers every GET with the path that was asked for.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"origin: " + self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """
        Keep the test's output clean.
        """


def start_origin(test: SynchronousTestCase) -> str:
    """
    Start the origin for the length of a test.

    @return: its URL, without a slash at the end.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hello)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    test.addCleanup(server.server_close)
    test.addCleanup(thread.join)
    test.addCleanup(server.shutdown)
    return f"http://127.0.0.1:{server.server_address[1]}"
