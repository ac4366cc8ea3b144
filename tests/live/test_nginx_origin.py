"""
nginx as the origin.
"""

from __future__ import annotations

import gzip
import http.client
import os
import signal
from functools import partial
from http.client import HTTPMessage
from threading import Event, Thread
from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.nginx import Nginx
from tests.live.programs import DEADLINE, eventually
from tests.live.proxy import Proxy, relaying

PAGE = b"".join(b"line %d\n" % number for number in range(10_000))

SERVER = """
        location /packed/ { alias www/; gzip on; gzip_types *; gzip_min_length 0; gzip_proxied any; }
        location /store/ { dav_methods PUT DELETE; }
        location /broken { return 500 "broken here"; }
        location /form {
            client_body_buffer_size 1m;
            add_header X-Body $request_body;
            proxy_pass http://127.0.0.1:$server_port/page.txt;
            proxy_method GET;
        }
"""


class Response(NamedTuple):
    """
    A response with its fields.
    """

    status: int
    fields: HTTPMessage
    body: bytes


class NginxTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.origin = Nginx(self, SERVER)
        self.origin.root.joinpath("page.txt").write_bytes(PAGE)
        self.proxy = Proxy(self, relaying(self.origin.url))
        self.client = http.client.HTTPConnection("127.0.0.1", self.proxy.port(), timeout=DEADLINE)
        self.addCleanup(self.client.close)

    def ask(self, method: str, path: str, body: bytes | None = None, **fields: str) -> Response:
        """
        One more request on the client's connection.
        """
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        self.client.request(method, path, body, named)
        response = self.client.getresponse()
        return Response(response.status, response.headers, response.read())

    def test_whole(self) -> None:
        """
        A file comes as it is, with the origin's fields.
        """
        response = self.ask("GET", "/page.txt")
        self.assertEqual((response.status, response.body), (200, PAGE))
        self.assertEqual(response.fields["content-type"], "text/plain")
        self.assertEqual(response.fields["content-length"], str(len(PAGE)))
        self.assertIn("nginx", response.fields["server"])
        self.assertIn("etag", response.fields)

    def test_head(self) -> None:
        """
        Pitfall 12: an answer to HEAD tells the length, has no body, and the connection
        goes on.
        """
        response = self.ask("HEAD", "/page.txt")
        self.assertEqual((response.status, response.body), (200, b""))
        self.assertEqual(response.fields["content-length"], str(len(PAGE)))
        self.assertEqual(self.ask("GET", "/page.txt").body, PAGE)

    def test_range(self) -> None:
        """
        A part of a file is a part of it.
        """
        response = self.ask("GET", "/page.txt", Range="bytes=100-199")
        self.assertEqual((response.status, response.body), (206, PAGE[100:200]))
        self.assertEqual(response.fields["content-range"], f"bytes 100-199/{len(PAGE)}")
        self.assertEqual(self.ask("GET", "/page.txt", Range="bytes=9999999-").status, 416)

    def test_conditional(self) -> None:
        """
        Pitfall 12: what the client has already is not sent again, and the connection goes on.
        """
        tag = self.ask("GET", "/page.txt").fields["etag"]
        response = self.ask("GET", "/page.txt", If_None_Match=tag)
        self.assertEqual((response.status, response.body), (304, b""))
        self.assertEqual(response.fields["etag"], tag)
        self.assertEqual(self.ask("GET", "/page.txt", If_None_Match='"other"').body, PAGE)

    def test_chunked(self) -> None:
        """
        A response of unknown length, which nginx packs on the way, comes whole.
        """
        response = self.ask("GET", "/packed/page.txt", Accept_Encoding="gzip")
        self.assertEqual(response.fields["transfer-encoding"], "chunked")
        self.assertEqual(response.fields["content-encoding"], "gzip")
        self.assertEqual(gzip.decompress(response.body), PAGE)

    def test_post(self) -> None:
        """
        A form arrives.
        """
        response = self.ask("POST", "/form", b"name=value&more=1")
        self.assertEqual((response.status, response.fields["x-body"]), (200, "name=value&more=1"))

    def test_put(self) -> None:
        """
        A file that was put there, with a length and in chunks, is there until it is deleted.
        """
        self.origin.root.joinpath("store").mkdir()
        self.assertEqual(self.ask("PUT", "/store/sized.txt", PAGE).status, 201)
        self.client.request("PUT", "/store/chunked.txt", iter([PAGE, PAGE]), encode_chunked=True)
        chunked = self.client.getresponse()
        self.assertEqual((chunked.status, chunked.read()), (201, b""))
        self.assertEqual(self.ask("GET", "/store/sized.txt").body, PAGE)
        self.assertEqual(self.ask("GET", "/store/chunked.txt").body, PAGE + PAGE)
        self.assertEqual(self.ask("DELETE", "/store/sized.txt").status, 204)
        self.assertEqual(self.ask("GET", "/store/sized.txt").status, 404)

    def test_errors_are_passed(self) -> None:
        """
        The origin's own errors are its own.
        """
        missing = self.ask("GET", "/missing")
        self.assertEqual(missing.status, 404)
        self.assertIn(b"nginx", missing.body)
        broken = self.ask("GET", "/broken")
        self.assertEqual((broken.status, broken.body), (500, b"broken here"))

    def test_connection_is_kept(self) -> None:
        """
        All requests of many clients, one after another, take one connection to the origin.
        """
        for _ in range(10):
            for _ in range(3):
                self.ask("GET", "/page.txt")
            self.client.close()
        self.assertEqual(len(self.origin.connections()), 30)
        self.assertEqual(len(set(self.origin.connections())), 1)

    def test_origin_away(self) -> None:
        """
        While the origin is away clients are told so; when it is back they are served.
        """
        self.assertEqual(self.ask("GET", "/page.txt").status, 200)
        self.origin.program.stop()
        away = self.ask("GET", "/page.txt")
        self.assertEqual(away.status, 502)
        self.assertNotIn(b"nginx", away.body)
        self.assertNotIn(str(self.origin.port).encode(), away.body)
        self.origin.start()
        self.assertEqual(self.ask("GET", "/page.txt").status, 200)

    def test_restart_loses_no_request(self) -> None:
        """
        Pitfall 31: a kept connection that the restarted origin has closed costs nobody a request.
        """
        for _ in range(5):
            self.assertEqual(self.ask("GET", "/page.txt").status, 200)
            self.origin.program.stop()
            self.origin.start()

    def more_connections(self, than: int) -> bool | None:
        return len(set(self.origin.connections())) > than or None

    def test_reload_loses_no_request(self) -> None:
        """
        Pitfall 31: the origin's workers are replaced, and close kept connections, while
        requests go on: each is answered.
        """
        statuses: list[int] = []
        enough = Event()

        def ask_on() -> None:
            while not enough.is_set():
                statuses.append(self.ask("GET", "/page.txt").status)

        asking = Thread(target=ask_on)
        asking.start()
        try:
            for _ in range(5):
                before = len(set(self.origin.connections()))
                os.kill(self.origin.program.process.pid, signal.SIGHUP)
                eventually(partial(self.more_connections, before), "an answer of the new worker")
        finally:
            enough.set()
            asking.join()
        self.assertEqual(set(statuses), {200})
