"""
WSGI applications behind the proxy.
"""

from __future__ import annotations

import http.client
import json
import sys
from hashlib import sha256
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.curl import curl
from tests.live.programs import BIN, DEADLINE, ROOT, Program, eventually, free_port, listening, new_directory
from tests.live.proxy import Proxy, relaying
from tests.live.wsgi_application import LINE

APPLICATION = "tests.live.wsgi_application.application"

WSGIREF = """\
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server
from tests.live.wsgi_application import application
class Server(ThreadingMixIn, WSGIServer): daemon_threads = True
make_server("127.0.0.1", int(sys.argv[1]), application, Server).serve_forever()
"""


class TwistedTests(SynchronousTestCase):
    """
    Served by C{twist web}: HTTP/1.1, chunked.
    """

    @override
    def setUp(self) -> None:
        port = free_port()
        environment = {"PYTHONPATH": str(ROOT)}
        self.application = Program(self, self.command(port), environment=environment)
        eventually(lambda: listening(port, self.application), "the application")
        self.proxy = Proxy(self, relaying(f"http://127.0.0.1:{port}"))
        self.url = f"http://127.0.0.1:{self.proxy.port()}"

    def command(self, port: int) -> list[str | Path]:
        endpoint = f"tcp:{port}:interface=127.0.0.1"
        return [BIN / "twist", "web", "--listen", endpoint, "--wsgi", APPLICATION]

    def test_form(self) -> None:
        """
        A form's fields arrive, with the host and the query that the client asked for.
        """
        curled = curl("--data-urlencode", "name=Zoë & co", "--data", "more=1", f"{self.url}/form?a=b%20c")
        seen = json.loads(curled.output)
        self.assertEqual(seen["fields"], {"name": ["Zoë & co"], "more": ["1"]})
        self.assertEqual((seen["host"], seen["query"]), (self.url.removeprefix("http://"), "a=b%20c"))

    def test_repeated_fields(self) -> None:
        """
        Every cookie that the application sets reaches the client.
        """
        trace = curl(f"{self.url}/report").trace.lower()
        self.assertIn("< set-cookie: a=1", trace)
        self.assertIn("< set-cookie: b=2", trace)

    def test_upload(self) -> None:
        """
        Files of a form arrive whole.
        """
        files = {name: new_directory(self) / name for name in ("one", "two")}
        for name, path in files.items():
            path.write_bytes(name.encode() * 500_000)
        parts = [argument for name, path in files.items() for argument in ("--form", f"{name}=@{path}")]
        curled = curl(*parts, f"{self.url}/upload")
        expected = {name: sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
        self.assertEqual(json.loads(curled.output), expected)

    def test_report(self) -> None:
        """
        A response in many small pieces comes whole.
        """
        curled = curl(f"{self.url}/report")
        self.assertEqual((curled.status, curled.output), (0, LINE * 10_000))

    def test_stream(self) -> None:
        """
        What the application has said is with the client before it says the rest.
        """
        client = http.client.HTTPConnection("127.0.0.1", self.proxy.port(), timeout=DEADLINE)
        self.addCleanup(client.close)
        client.request("GET", "/stream")
        response = client.getresponse()
        self.assertEqual(response.read(11), b"first half\n")
        self.assertEqual(curl(f"{self.url}/go-on").output, b"going on\n")
        self.assertEqual(response.read(), b"second half\n")


class WsgirefTests(TwistedTests):
    """
    Served by the standard library: HTTP/1.0, the end of the connection ends the response.
    """

    @override
    def command(self, port: int) -> list[str | Path]:
        return [sys.executable, "-c", WSGIREF, str(port)]
