from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config import values
from tests.config.files import MINIMAL, FileTestCase


class ValueTestCase(SynchronousTestCase):
    def assertAccepted(self, parse: Callable[[object], object], wanted: dict[str, object]) -> None:
        self.assertEqual({text: parse(text) for text in wanted}, wanted)

    def assertRefused(self, parse: Callable[[object], object], *refused: object) -> None:
        for value in (*refused, None, 1, True, ["x"]):
            refusal = self.assertRaises(ValueError, parse, value)
            self.assertTrue(str(refusal), value)


class NameTests(ValueTestCase):
    def test_names(self) -> None:
        """
        Lower-case letters, digits, dashes and underscores.
        """
        self.assertAccepted(values.parse_name, {"a": "a", "web-2": "web-2", "a_b": "a_b", "9": "9"})
        self.assertRefused(values.parse_name, "", "A", "-a", "a-", "a b", "a.b", "é", "a" * 65, "a\n")


class FieldTests(ValueTestCase):
    def test_names(self) -> None:
        """
        Names are tokens, and do not depend on case (RFC 9110 section 5.1).
        """
        self.assertAccepted(values.parse_field_name, {"X-A": b"x-a", "x_b.1": b"x_b.1"})
        self.assertRefused(values.parse_field_name, "", "a b", "a:", "a\r\n", "é", ":path")

    def test_values(self) -> None:
        """
        Pitfall 37: a value has no line breaks, nor other controls (RFC 9110 section 5.5).
        """
        self.assertAccepted(values.parse_field_value, {"": b"", "a b\tc": b"a b\tc", "é": "é".encode()})
        self.assertRefused(values.parse_field_value, "a\r\nb: c", "a\n", "a\r", "\0", " a", "a ", "\x7f")

    def test_methods(self) -> None:
        """
        Methods are tokens in upper case; CONNECT is never carried.
        """
        self.assertAccepted(values.parse_method, {"GET": b"GET", "M-SEARCH": b"M-SEARCH"})
        self.assertRefused(values.parse_method, "get", "CONNECT", "", "G T")

    def test_parameters(self) -> None:
        """
        Names and values of the query are text as it is after decoding.
        """
        self.assertAccepted(values.parse_parameter, {"a b": b"a b", "é": "é".encode()})
        self.assertRefused(values.parse_parameter)


class HostTests(ValueTestCase):
    def test_hosts(self) -> None:
        """
        DNS names and addresses in their canonical spelling.
        """
        self.assertAccepted(
            values.parse_host,
            {"Example.COM": b"example.com", "example.com.": b"example.com", "10.0.0.1": b"10.0.0.1"},
        )
        self.assertEqual(values.parse_host("[2001:DB8::0]"), b"[2001:db8::]")

    def test_refused(self) -> None:
        """
        Ports, schemes, paths and names that are not ASCII have no place in a host.
        """
        self.assertRefused(
            values.parse_host, "", "a:80", "http://a", "a/b", "a b", "bücher.example", "::1", "*.a"
        )

    def test_patterns(self) -> None:
        """
        A wildcard is the first label, alone.
        """
        self.assertAccepted(values.parse_host_pattern, {"*.Example.com": b"*.example.com", "a.b": b"a.b"})
        self.assertRefused(values.parse_host_pattern, "*", "a.*.b", "*a.b", "*.", "*.*.a", "**.a")

    def test_host_option(self) -> None:
        """
        The host for the upstream may have a port.
        """
        self.assertAccepted(
            values.parse_host_option,
            {"pass": b"pass", "upstream": b"upstream", "A.b:81": b"a.b:81", "[::1]:8": b"[::1]:8"},
        )
        self.assertRefused(values.parse_host_option, "a:b", "a:99999", "")


class NetworkTests(ValueTestCase):
    def test_networks(self) -> None:
        """
        Addresses and networks of both versions.
        """
        self.assertAccepted(
            values.parse_network,
            {
                "10.0.0.0/8": IPv4Network("10.0.0.0/8"),
                "10.0.0.1": IPv4Network("10.0.0.1/32"),
                "::1": IPv6Network("::1/128"),
                "fc00::/7": IPv6Network("fc00::/7"),
            },
        )

    def test_refused(self) -> None:
        """
        An address within a network is not the network.
        """
        self.assertRefused(values.parse_network, "10.0.0.1/8", "10.0.0.0/33", "localhost", "", "10.0.0")


class PathPrefixTests(ValueTestCase):
    def test_canonical(self) -> None:
        """
        Pitfall 17: a path that is not canonical would never match; the canonical one is told.
        """
        self.assertAccepted(values.parse_path_prefix, {"/": b"/", "/api/": b"/api/", "/a%2Fb": b"/a%2Fb"})
        self.assertRefused(
            values.parse_path_prefix, "", "api", "/a?b", "/a/../b", "/a//b", "/%41", "/a b", "/%zz"
        )
        refusal = self.assertRaises(ValueError, values.parse_path_prefix, "/a/%2e%2e/b%2f")
        self.assertSubstring("write /b%2F", str(refusal))


class FileTests(FileTestCase):
    """
    Paths, as they come out of a file.
    """

    def setting(self, path: str) -> str:
        return f"access_log: {{path: {path}}}"

    def test_relative_to_the_file(self) -> None:
        """
        A path starts where the file is, wherever the process runs.
        """
        self.directory.joinpath("logs").mkdir()
        configuration = self.load(MINIMAL + self.setting("logs/../access.log"))
        assert configuration.access_log is not None
        self.assertEqual(configuration.access_log.path, self.directory / "access.log")

    def test_relative_file(self) -> None:
        """
        That holds, too, where the file itself was named by a relative path.
        """
        self.path.write_text(MINIMAL + self.setting("access.log"))
        self.addCleanup(os.chdir, Path.cwd())
        os.chdir(self.directory.parent)
        self.path = Path(self.directory.name, "revproxy.yaml")
        configuration = self.load(MINIMAL + self.setting("access.log"))
        assert configuration.access_log is not None
        self.assertEqual(configuration.access_log.path, self.directory / "access.log")

    def test_standard_output(self) -> None:
        """
        C{-} stays what it is.
        """
        configuration = self.load(MINIMAL + self.setting('"-"'))
        assert configuration.access_log is not None
        self.assertEqual(configuration.access_log.path, "-")

    def test_no_directory(self) -> None:
        """
        A log in a directory that is not there is told before anything is bound.
        """
        self.assertEqual(
            self.complaints(self.setting("nowhere/access.log")),
            [("access_log.path", f"there is no directory {self.directory / 'nowhere'}")],
        )

    def test_unreadable_files(self) -> None:
        """
        Each file that cannot be read is told, once, with the reason.
        """
        self.directory.joinpath("here.pem").write_text("x")
        self.directory.joinpath("directory").mkdir()
        added = """\
            listeners:
              web:
                endpoint: tcp:8080
                tls:
                  certificates:
                    - {certificate: here.pem, key: gone.pem}
                    - {certificate: here.pem, key: directory}
            upstreams:
              app: {servers: [http://127.0.0.1:8001]}
            routes: [{upstream: app}]
            """
        said = [(problem.key.rpartition("tls.")[2], problem.message) for problem in self.problems(added)]
        self.assertEqual(
            said,
            [
                ("certificates.0.key", f"cannot read {self.directory}/gone.pem: No such file or directory"),
                ("certificates.1.key", f"cannot read {self.directory}/directory: Is a directory"),
            ],
        )

    def test_no_path(self) -> None:
        """
        An empty path, and one with a NUL, is none.
        """
        for path in ['""', '"a\\0b"', "5", "~"]:
            ((key, _),) = self.complaints(self.setting(path))
            self.assertEqual(key, "access_log.path")
