"""
A package of somebody else's components, installed and named in a file.
"""

from __future__ import annotations

import http.client
import json
import shutil
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.origin import start_origin
from tests.live.programs import DEADLINE, ROOT, Program, eventually, free_port, get_soon, new_directory, run
from tests.live.test_packaging import Environment

SAMPLE = ROOT / "tests" / "sample_package"

COMMAND = "import sys; from revproxy.cli import main; sys.exit(main())"

FILE = """\
listeners:
  web: {{endpoint: "tcp:{port}:interface=127.0.0.1"}}
upstreams:
  app:
    servers: [{servers}]
    balancer: {{type: least-of-drawn, drawn: {drawn}}}
    health_check: {check}
routes:
  - {{upstream: app, filters: [number]}}
filters:
  number: {{type: request-id, field: X-Number}}
"""


class _Asked(BaseRequestHandler):
    """
    Answers what it is asked once.
    """

    server: Any

    @override
    def handle(self) -> None:
        self.request.recv(100)
        self.request.sendall(self.server.redis.answer)


class Redis:
    """
    As much of Redis as a check wants.

    @ivar answer: what it says, whatever it is asked.
    """

    def __init__(self, test: SynchronousTestCase) -> None:
        self.answer = b"+PONG\r\n"
        server: Any = ThreadingTCPServer(("127.0.0.1", 0), _Asked)
        server.redis = self
        self.port = server.server_address[1]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        test.addCleanup(server.server_close)
        test.addCleanup(server.shutdown)


class ThirdPartyTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        directory = new_directory(self)
        self.environment = Environment(directory / "fresh")
        self.environment.packages.joinpath("checkout.pth").write_text(f"{ROOT}\n")
        source = directory / "source"
        shutil.copytree(SAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
        self.environment.install(source)
        self.path = directory / "revproxy.yaml"

    def write(self, servers: str = "http://127.0.0.1:8001", drawn: str = "2", check: str = "null") -> int:
        """
        Write a file that names the package's components.

        @return: the port that it listens on.
        """
        port = free_port()
        self.path.write_text(FILE.format(port=port, servers=servers, drawn=drawn, check=check))
        return port

    def revproxy(self, *arguments: str | Path) -> str:
        """
        What the command prints.
        """
        return run([self.environment.python, "-c", COMMAND, *arguments], self.path.parent)

    def test_accepted(self) -> None:
        """
        A file may name the components with their options.
        """
        self.write()
        self.assertEqual(self.revproxy("check", self.path), f"{self.path}: ok\n")

    def test_wrong_option(self) -> None:
        """
        A wrong option is told with its place.
        """
        self.write(drawn="many")
        refusal = self.assertRaises(AssertionError, self.revproxy, "check", self.path)
        self.assertSubstring(
            f"{self.path}:6:38: upstreams.app.balancer.drawn: must be a whole number, not the text 'many'",
            str(refusal),
        )

    def test_in_the_schema(self) -> None:
        """
        Editors complete the components and their options.
        """
        definitions = json.loads(self.revproxy("schema"))["$defs"]
        self.assertIn("least-of-drawn", definitions["Balancer"]["anyOf"][0]["enum"])
        filters = {form.get("title"): form for form in definitions["Filter"]["anyOf"]}
        self.assertIn("field", filters["request-id"]["properties"])

    def test_keeps_the_contracts(self) -> None:
        """
        The package's own tests, which inherit our contracts, pass where it is installed.
        """
        output = run([self.environment.python, "-m", "twisted.trial", "revproxy_sample"], new_directory(self))
        self.assertSubstring("PASSED", output)

    def test_proxied_through(self) -> None:
        """
        The proxy runs with the components: requests pass the balancer and both sides of the filter.
        """
        port = self.write(f"{start_origin(self)}, {start_origin(self)}")
        self.assertEqual(get_soon(port, self.proxy()), (200, b"origin: /"))
        self.assertEqual(len({self.number(port) for _ in range(3)}), 3)

    def proxy(self) -> Program:
        """
        Start the proxy.
        """
        options = ["--nodaemon", "--pidfile=", "revproxy", "--config", str(self.path)]
        return Program(self, [self.environment.twistd, *options])

    def test_checked(self) -> None:
        """
        Servers are well as long as the check finds them so.
        """
        redis = Redis(self)
        check = f"{{type: redis-ping, redis_port: {redis.port}, interval: 100ms, initial: down}}"
        port = self.write(start_origin(self), drawn="1", check=check)
        proxy = self.proxy()
        eventually(lambda: "up: 2 checks in a row, the last: PONG" in proxy.output() or None, "a good check")
        self.assertEqual(get_soon(port, proxy), (200, b"origin: /"))
        redis.answer = b"-LOADING\r\n"
        said = "down: 3 checks in a row, the last: Redis said b'-LOADING"
        eventually(lambda: said in proxy.output() or None, "a bad one")

    def number(self, port: int) -> str:
        """
        The number that the filter gives to a request.
        """
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        self.addCleanup(connection.close)
        connection.request("GET", "/", headers={"X-Number": "mine"})
        given = connection.getresponse().headers.get_all("X-Number", [])
        self.assertEqual([len(number) for number in given], [32])
        return given[0]
