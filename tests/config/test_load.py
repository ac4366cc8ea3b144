from __future__ import annotations

from pathlib import Path

from revproxy.config.configuration import Configuration
from revproxy.config.load import configuration_from, load_configuration
from revproxy.config.text import MOST_BYTES
from revproxy.errors import ConfigurationError
from tests.config.files import MINIMAL, FileTestCase, written

MANY_FAULTS = """\
listeners:
  web: {endpoint: 8080}
upstreams:
  app:
    servers: [127.0.0.1:8001]
    balancer: round-robbin
    timeouts: {connect: 5}
routes:
  - {upstream: ap, path: api}
  - upstream: app
    filters: [x]
    upstream: app
[limits]: 5
limit: {body: 1MiB}
"""

ALL_SAID = [
    "2:9: listeners.web.endpoint: must be an endpoint such as tcp:8080, not 8080",
    "5:15: upstreams.app.servers.0.url: must be a URL such as http://127.0.0.1:8001,"
    " not the text '127.0.0.1:8001'",
    "6:5: upstreams.app.balancer: no balancer is called 'round-robbin'; there are: consistent-hash,"
    " first, least-connections, least-time, power-of-two, random, round-robin, sticky"
    " (did you mean 'round-robin'?)",
    "7:16: upstreams.app.timeouts.connect: must be a duration such as 500ms, 10s, 5m, 1h or 1d, not 5",
    "9:6: routes.0.upstream: no upstream is called 'ap'; there are: app (did you mean 'app'?)",
    "9:20: routes.0.path: the text 'api' is no path: the path does not start with a slash or"
    " holds a backslash",
    "11:15: routes.1.filters.0: no filter is called 'x'; there are none",
    "12:5: routes.1.upstream: this key was given already, in line 10",
    "13:1: (file): a key must be text",
    "14:1: limit: no key is called 'limit'; there are: access_log, caches, drain_timeout, filters,"
    " forwarded, geoip, limits, listeners, routes, timeouts, trusted_proxies, upstreams"
    " (did you mean 'limits'?)",
]


class LoadTests(FileTestCase):
    def lines(self, text: str) -> list[str]:
        """
        What is said of a file, without the file's name.
        """
        return [str(problem).removeprefix(f"{self.path}:") for problem in self.problems(text)]

    def test_right(self) -> None:
        """
        A file without errors gives its configuration.
        """
        configuration = self.load(MINIMAL)
        self.assertIsInstance(configuration, Configuration)
        self.assertEqual(configuration.listeners["web"].endpoint, "tcp:8080")

    def test_all_at_once(self) -> None:
        """
        Faults of the document, wrong values, and what does not fit together are told
        in one go, in the order of the lines.
        """
        self.assertEqual(self.lines(MANY_FAULTS), ALL_SAID)

    def test_missing(self) -> None:
        """
        What is missing is told where it would belong.
        """
        self.assertEqual(
            self.lines("listeners:\n  web: {}\nupstreams:\n  app: {servers: []}\n"),
            [
                "1:1: routes: is missing",
                "2:3: listeners.web.endpoint: is missing",
                "4:9: upstreams.app.servers: must have at least 1 of them",
            ],
        )

    def test_bad_names(self) -> None:
        """
        A name that is no name is told at its place.
        """
        (line,) = self.lines(MINIMAL.replace("web", "The Web"))
        self.assertSubstring("2:3: listeners.The Web: a name is of lower-case letters", line)

    def test_empty(self) -> None:
        """
        An empty file is one clear line.
        """
        for text in ["", "# nothing yet\n", "---\n"]:
            self.assertEqual(self.lines(text), ["1:1: (file): is empty: there must be listeners and routes"])

    def test_no_mapping(self) -> None:
        """
        A file whose top level is no mapping is one clear line.
        """
        self.assertEqual(self.lines("- a\n"), ["1:1: (file): must be a mapping, not a list"])
        self.assertEqual(self.lines("hello\n"), ["1:1: (file): must be a mapping, not the text 'hello'"])

    def test_no_yaml(self) -> None:
        """
        A file that is no YAML is one clear line.
        """
        (line,) = self.lines("a: [\n")
        self.assertTrue(line.startswith("2:1: (file): not valid YAML: "), line)

    def test_mark_of_byte_order(self) -> None:
        """
        The mark that some editors put before UTF-8 is no error.
        """
        self.assertIsInstance(self.load(f"\ufeff{MINIMAL}"), Configuration)


class UnreadableTests(FileTestCase):
    def said(self, path: Path) -> list[str]:
        error = self.assertRaises(ConfigurationError, load_configuration, path, self.registry)
        return [str(problem) for problem in error.problems]

    def test_not_there(self) -> None:
        """
        A file that is not there is one clear line.
        """
        self.assertEqual(
            self.said(self.path), [f"{self.path}:1:1: (file): cannot be read: No such file or directory"]
        )

    def test_directory(self) -> None:
        """
        So is a directory.
        """
        self.assertEqual(
            self.said(self.directory), [f"{self.directory}:1:1: (file): cannot be read: Is a directory"]
        )

    def test_not_utf8(self) -> None:
        """
        What is no UTF-8 is told with the place of the first byte that is not.
        """
        self.path.write_bytes(b"a: 1\nb: \xff\n")
        self.assertEqual(self.said(self.path), [f"{self.path}:2:4: (file): is not UTF-8 text"])

    def test_too_large(self) -> None:
        """
        A file is not read on for ever.
        """
        self.path.write_bytes(b"#" * (MOST_BYTES + 1))
        self.assertEqual(self.said(self.path), [f"{self.path}:1:1: (file): is larger than 4 MiB"])
        self.assertEqual(self.said(Path("/dev/zero")), ["/dev/zero:1:1: (file): is larger than 4 MiB"])


class FromDataTests(FileTestCase):
    DATA = {
        "listeners": {"web": {"endpoint": "tcp:8080"}},
        "upstreams": {"app": {"servers": ["http+unix:app.sock"]}},
        "routes": [{"upstream": "app"}],
    }

    def test_right(self) -> None:
        """
        A configuration can be made of plain data.
        """
        configuration = configuration_from(self.DATA, self.registry, self.directory)
        (server,) = written(configuration.upstreams["app"])
        self.assertEqual(server.url.socket, self.directory / "app.sock")

    def test_wrong(self) -> None:
        """
        Its errors have no place, but all else.
        """
        data = {**self.DATA, "routes": [{"upstream": "b"}]}
        error = self.assertRaises(
            ConfigurationError, configuration_from, data, self.registry, self.directory, name="--to"
        )
        self.assertEqual(str(error), "--to:1:1: routes.0.upstream: no upstream is called 'b'; there are: app")
