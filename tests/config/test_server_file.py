"""
Tests of L{revproxy.config.server_file}.
"""

from __future__ import annotations

from ipaddress import ip_network

from typing_extensions import override

from revproxy.config.server_file import read_servers
from revproxy.config.servers import ServerSettings
from revproxy.errors import ConfigurationError
from revproxy.wire.forbidden import ForbiddenNetworks
from tests.config.files import FileTestCase

MAIN = """\
listeners: {web: {endpoint: tcp:8080}}
upstreams:
  app: {servers: [{file: lists/servers.yaml}]}
routes: [{upstream: app}]
"""

WRONG = """\
- http://10.0.0.1
- url: 10.0.0.2:81
  weight: 0
- {url: "http://169.254.169.254", wieght: 2}
- {url: http://10.0.0.3, url: http://10.0.0.4}
"""

ALL_SAID = [
    "2:3: 1.url: must be a URL such as http://127.0.0.1:8001, not the text '10.0.0.2:81'",
    "3:3: 1.weight: must be at least 1, not 0",
    "4:4: 2.url: 169.254.169.254 is forbidden: it is in 169.254.0.0/16",
    "4:35: 2.wieght: no key is called 'wieght'; there are: backup, max_connections, priority, slow_start,"
    " state, url, weight (did you mean 'weight'?)",
    "5:26: 3.url: this key was given already, in line 5",
]


class ServerFileCase(FileTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        self.file = self.directory / "lists" / "servers.yaml"
        self.file.parent.mkdir()

    def without_directory(self, error: ConfigurationError, file: str) -> list[str]:
        return [line.removeprefix(f"{file}:") for line in str(error).splitlines()]


class ReadTests(ServerFileCase):
    def read(self, text: str) -> list[ServerSettings]:
        self.file.write_text(text)
        return read_servers(self.file, self.registry, ForbiddenNetworks([ip_network("169.254.0.0/16")]))

    def said(self, text: str) -> list[str]:
        error = self.assertRaises(ConfigurationError, self.read, text)
        return self.without_directory(error, str(self.file))

    def test_right(self) -> None:
        """
        It is a list of servers as in the main file, long or short.
        """
        servers = self.read("- http://10.0.0.1\n- {url: srv+https://app, weight: 2, backup: true}\n")
        self.assertEqual(
            [(server.url.text, server.weight, server.backup) for server in servers],
            [("http://10.0.0.1", 1, False), ("srv+https://app", 2, True)],
        )

    def test_paths(self) -> None:
        """
        Paths are relative to it, not to the main file.
        """
        (server,) = self.read("[http+unix:app.sock]")
        self.assertEqual(server.url.socket, self.file.parent / "app.sock")

    def test_none(self) -> None:
        """
        There may be no servers, but that has to be written.
        """
        self.assertEqual(self.read("[]"), [])
        for text in ("", "# nothing\n", "~"):
            self.assertEqual(self.said(text), ["1:1: (file): is empty: write [] where there are no servers"])

    def test_wrong(self) -> None:
        """
        All that is wrong is told at once, with its place.
        """
        self.assertEqual(self.said(WRONG), ALL_SAID)

    def test_no_list(self) -> None:
        """
        What is no list of servers is told.
        """
        for text, said in {
            "servers: []": "must be a list, not a mapping",
            "http://10.0.0.1": "must be a list, not the text 'http://10.0.0.1'",
            "[http://a, http://a]": "http://a is there twice; give it more weight instead",
            "[": "not valid YAML",
        }.items():
            (line,) = self.said(text)
            self.assertSubstring(f"(file): {said}", line)

    def test_no_files_in_files(self) -> None:
        """
        A file of servers names no other.
        """
        self.assertEqual(
            [line.split(": ")[1] for line in self.said("[{file: servers.yaml}]")], ["0.url", "0.file"]
        )

    def test_unreadable(self) -> None:
        """
        A file that is not there, or is no text, is one clear line.
        """
        error = self.assertRaises(
            ConfigurationError, read_servers, self.file, self.registry, ForbiddenNetworks()
        )
        self.assertEqual(
            self.without_directory(error, str(self.file)),
            ["1:1: (file): cannot be read: No such file or directory"],
        )


class MainFileTests(ServerFileCase):
    """
    The files of servers that the main file names.
    """

    def lines(self, text: str = MAIN) -> list[str]:
        return [str(problem).replace(f"{self.directory}/", "") for problem in self.problems(text)]

    def test_right(self) -> None:
        """
        Where they are right nothing is said.
        """
        self.file.write_text("[http://10.0.0.1]")
        self.assertEqual(self.lines(), [])

    def test_wrong(self) -> None:
        """
        What is wrong in them is told as what is wrong in the main file, after that.
        """
        self.file.write_text(WRONG)
        self.assertEqual(
            self.lines(MAIN + "limit: 5\n")[1:], [f"lists/servers.yaml:{line}" for line in ALL_SAID]
        )
        self.assertTrue(self.lines(MAIN + "limit: 5\n")[0].startswith("revproxy.yaml:5:1: limit: "))

    def test_forbidden(self) -> None:
        """
        The upstream says where the servers of a file may not be.
        """
        self.file.write_text("[http://169.254.169.254]")
        self.assertEqual(len(self.lines()), 1)
        self.assertEqual(self.lines(MAIN.replace("servers:", "forbid: [], servers:")), [])

    def test_missing(self) -> None:
        """
        A file that is not there is told once, where it is named.
        """
        (line,) = self.lines()
        self.assertTrue(
            line.startswith("revproxy.yaml:3:20: upstreams.app.servers.0.file: cannot read"), line
        )

    def test_told_once(self) -> None:
        """
        What is wrong in a file is told once, though two upstreams have it.
        """
        self.file.write_text("[5]")
        text = MAIN.replace("routes:", "  two: {servers: [{file: lists/servers.yaml}]}\nroutes:")
        text = text.replace("[{upstream: app}]", "[{upstream: app}, {upstream: two, path: /two}]")
        self.assertEqual(len(self.lines(text)), 1)

    def test_anything_at_all(self) -> None:
        """
        A main file of another shape is no harder to check.
        """
        for text in (
            "upstreams: []",
            "upstreams: {a: 5}",
            "upstreams: {a: {servers: 5}}",
            "[]",
            "upstreams: {a: {servers: [{file: []}], forbid: 5}}",
        ):
            self.assertNotEqual(self.lines(text), [])
