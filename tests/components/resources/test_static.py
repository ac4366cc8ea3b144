from __future__ import annotations

import os
import shutil
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import IResource
from typing_extensions import override
from zope.interface.verify import verifyObject

from revproxy.catalog import built_ins
from revproxy.components.resources.static import StaticSettings
from revproxy.edge.mount import as_exchange_resource
from revproxy.interfaces import IExchangeResource
from revproxy.registry import ComponentSpec, Environment
from tests.config.files import MINIMAL, FileTestCase
from tests.fakes import RecordingDownstream, an_exchange

FILES = {
    "index.html": b"<h1>hello</h1>",
    "data.bin": b"0123456789",
    "unknown.zzz": b"what is it",
    "below/page.html": b"<p>",
    ".hidden": b"secret",
    ".git/config": b"secret",
    ".well-known/security.txt": b"who to tell",
}


class StaticTests(SynchronousTestCase):
    """
    What is answered, through the tree that the resource is mounted in.
    """

    @override
    def setUp(self) -> None:
        self.directory = Path(mkdtemp(prefix="revproxy-"))
        self.addCleanup(shutil.rmtree, self.directory)
        for name, content in FILES.items():
            path = self.directory / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        self.clock = Clock()
        self.resource = self.build()

    def build(self, **options: Any) -> IExchangeResource:
        settings = StaticSettings.model_validate({"directory": str(self.directory), **options})
        environment = Environment(self.clock, Random(0), self.directory)
        made = built_ins().build(IResource, ComponentSpec("static", settings), environment)
        verifyObject(IResource, made)
        return as_exchange_resource(made, self.clock, b"/files")

    def get(self, path: bytes, *fields: tuple[bytes, bytes], method: bytes = b"GET") -> RecordingDownstream:
        downstream = RecordingDownstream()
        receiver = self.resource.answer(
            an_exchange(downstream, method=method, path=b"/files" + path, fields=fields)
        )
        for _ in range(10):
            receiver.resume_response()
            self.clock.advance(0)
        return downstream

    def status(self, path: bytes, method: bytes = b"GET") -> int:
        response = self.get(path, method=method).response
        assert response is not None
        return response.status

    def test_file(self) -> None:
        """
        A file is given whole, with its type.
        """
        got = self.get(b"/data.bin")
        assert got.response is not None
        self.assertEqual((got.response.status, got.body), (200, b"0123456789"))
        self.assertEqual(got.response.length, 10)
        page = self.get(b"/below/page.html")
        assert page.response is not None
        self.assertEqual(page.response.fields.combined(b"content-type"), b"text/html")

    def test_unknown_type(self) -> None:
        """
        What has no known extension is no HTML.
        """
        got = self.get(b"/unknown.zzz")
        assert got.response is not None
        self.assertEqual(got.response.fields.combined(b"content-type"), b"application/octet-stream")

    def test_index(self) -> None:
        """
        A directory is its index, and is not listed where there is none.
        """
        self.assertEqual(self.get(b"/").body, b"<h1>hello</h1>")
        self.assertEqual(self.status(b"/below/"), 404)
        self.resource = self.build(index=["data.bin"])
        self.assertEqual(self.get(b"/").body, b"0123456789")

    def test_hidden(self) -> None:
        """
        Names that begin with a dot are not given, but for C{.well-known}.
        """
        self.assertEqual(self.status(b"/.hidden"), 404)
        self.assertEqual(self.status(b"/.git/config"), 404)
        self.assertEqual(self.get(b"/.well-known/security.txt").body, b"who to tell")

    def test_outside(self) -> None:
        """
        Pitfall 17: nothing above the directory can be had, however it is written.
        """
        self.directory.parent.joinpath(self.directory.name + "-secret").write_text("secret")
        self.addCleanup(self.directory.parent.joinpath(self.directory.name + "-secret").unlink)
        name = self.directory.name.encode()
        for path in (
            b"/..%2f" + name + b"-secret",
            b"/../" + name + b"-secret",
            b"/%2fetc%2fpasswd",
            b"//etc/passwd",
        ):
            self.assertEqual(self.status(path), 404, path)

    def test_no_file(self) -> None:
        """
        What is no plain file is not opened, as that could wait for ever.
        """
        os.mkfifo(self.directory / "pipe")
        self.assertEqual(self.status(b"/pipe"), 404)
        self.assertEqual(self.status(b"/nothing"), 404)

    def test_ranges(self) -> None:
        """
        One range is given; several at once are not looked at.
        """
        one = self.get(b"/data.bin", (b"range", b"bytes=2-4"))
        assert one.response is not None
        self.assertEqual((one.response.status, one.body), (206, b"234"))
        many = self.get(b"/data.bin", (b"range", b"bytes=0-,0-,0-"))
        assert many.response is not None
        self.assertEqual((many.response.status, many.body), (200, b"0123456789"))

    def test_methods(self) -> None:
        """
        HEAD has the head alone, and nothing can be sent there.
        """
        got = self.get(b"/data.bin", method=b"HEAD")
        assert got.response is not None
        self.assertEqual((got.response.status, got.body), (200, b""))
        self.assertEqual(self.status(b"/data.bin", b"POST"), 405)

    def test_refusals(self) -> None:
        """
        What is refused is refused as by the proxy: nothing that was asked for is
        repeated, and no software is named.
        """
        for path, method, status, body in (
            (b"/nothing", b"GET", 404, b"404 Not Found\n"),
            (b"/nothing", b"HEAD", 404, b""),
            (b"/below/", b"GET", 404, b"404 Not Found\n"),
            (b"/data.bin", b"POST", 405, b"405 Method Not Allowed\n"),
            (b"/data.bin", b"BREW", 405, b"405 Method Not Allowed\n"),
        ):
            got = self.get(path, method=method)
            assert got.response is not None
            fields = got.response.fields
            self.assertEqual((got.response.status, got.body), (status, body))
            self.assertEqual(fields.get(b"content-type"), b"text/plain; charset=utf-8")
            self.assertEqual(fields.get(b"allow"), b"GET, HEAD" if status == 405 else None)
            self.assertIsNone(fields.get(b"server"))

    def test_refusal_as_wanted(self) -> None:
        """
        A client that wants JSON has it.
        """
        got = self.get(b"/nothing", (b"accept", b"application/json"))
        self.assertEqual(got.body, b'{"status": 404, "reason": "Not Found"}\n')

    def test_not_modified(self) -> None:
        """
        Pitfall 12: what the client has already is not said to be empty.
        """
        first = self.get(b"/data.bin").response
        assert first is not None
        since = first.fields.combined(b"last-modified") or b""
        second = self.get(b"/data.bin", (b"if-modified-since", since)).response
        assert second is not None
        self.assertEqual((second.status, second.length), (304, None))


class SettingsTests(FileTestCase):
    def route(self, text: str) -> list[tuple[str, str]]:
        found = self.problems(f"{MINIMAL}  - {{path: /static, {text}}}\n")
        return [(problem.key, problem.message) for problem in found]

    def test_directory(self) -> None:
        """
        The directory is relative to the file, and has to be there.
        """
        self.directory.joinpath("public").mkdir()
        self.assertEqual(self.route("resource: {type: static, directory: public}"), [])
        ((key, message),) = self.route("resource: {type: static, directory: privat}")
        self.assertEqual(key, "routes.1.resource.directory")
        self.assertEqual(message, f"there is no directory {self.directory}/privat")

    def test_directory_is_needed(self) -> None:
        """
        There is no default that would give anything away.
        """
        self.assertEqual([key for key, _ in self.route("resource: static")], ["routes.1.resource.directory"])

    def test_least_file(self) -> None:
        """
        What these tests add is right where it should be.
        """
        self.assertEqual(self.problems(MINIMAL), [])
