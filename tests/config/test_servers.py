"""
Tests of L{revproxy.config.servers}, and of where servers may be.
"""

from __future__ import annotations

from revproxy.config.servers import ServerFileSettings
from revproxy.config.upstreams import UpstreamSettings
from tests.config.files import FileTestCase

FORM = """\
listeners: {{web: {{endpoint: tcp:8080}}}}
upstreams:
  app:
    servers: {servers}
    {added}
routes: [{{upstream: app}}]
"""


class ServersCase(FileTestCase):
    def upstream(self, servers: str, added: str = "") -> UpstreamSettings:
        return self.load(FORM.format(servers=servers, added=added)).upstreams["app"]

    def said(self, servers: str, added: str = "") -> list[tuple[str, str]]:
        return [
            (problem.key.removeprefix("upstreams.app."), problem.message)
            for problem in self.problems(FORM.format(servers=servers, added=added))
        ]


class FileEntryTests(ServersCase):
    def test_file(self) -> None:
        """
        A file of servers stands among the servers.
        """
        self.directory.joinpath("more.yaml").write_text("[]")
        first, second = self.upstream("[http://a, {file: more.yaml, reload_interval: 1s}]").servers
        self.assertNotIsInstance(first, ServerFileSettings)
        assert isinstance(second, ServerFileSettings)
        self.assertEqual((second.file, second.reload_interval), (self.directory / "more.yaml", 1.0))

    def test_missing(self) -> None:
        """
        A file that is not there is told where it is named.
        """
        ((key, message),) = self.said("[{file: more.yaml}]")
        self.assertEqual(key, "servers.0.file")
        self.assertSubstring("cannot read", message)

    def test_either(self) -> None:
        """
        An entry with a file has a file's options, and others a server's.
        """
        self.directory.joinpath("more.yaml").write_text("[]")
        self.assertEqual(
            [key for key, _ in self.said("[{file: more.yaml, weight: 2}, {weight: 2}, 5]")],
            ["servers.0.weight", "servers.1.url", "servers.2"],
        )

    def test_twice(self) -> None:
        """
        Neither a service nor a file may be there twice.
        """
        self.directory.joinpath("more.yaml").write_text("[]")
        for server in ("srv+https://app", "{file: more.yaml}"):
            ((key, message),) = self.said(f"[{server}, {server}]")
            self.assertEqual(key, "servers")
            self.assertSubstring("is there twice", message)

    def test_needless_tls(self) -> None:
        """
        TLS is spoken to services that say so, and may be to servers of a file.
        """
        self.directory.joinpath("more.yaml").write_text("[]")
        for server in ("srv+https://app", "{file: more.yaml}"):
            self.assertEqual(self.said(f"[http://a, {server}]", "tls: {verify: false}"), [])
        self.assertEqual([key for key, _ in self.said("[srv+http://app]", "tls: {verify: false}")], ["tls"])


class ForbiddenTests(ServersCase):
    """
    C{forbid}.
    """

    def test_link_local(self) -> None:
        """
        Pitfall 39: without being told, no server is where clouds keep their secrets.
        """
        for host in ("169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]"):
            ((key, message),) = self.said(f'["http://{host}:80"]')
            self.assertEqual(key, "servers.0")
            self.assertSubstring("is forbidden: it is in", message)

    def test_position(self) -> None:
        """
        It is told where the server is written, and with all else that is wrong.
        """
        problems = self.problems(
            FORM.format(
                servers="[http://10.0.0.1, {url: 'http://10.1.0.1', weight: 0}]",
                added="forbid: [10.1.0.0/16]",
            )
        )
        self.assertEqual(
            [(problem.line, problem.key) for problem in problems],
            [(4, "upstreams.app.servers.1.url"), (4, "upstreams.app.servers.1.weight")],
        )
        self.assertEqual(problems[0].message, "10.1.0.1 is forbidden: it is in 10.1.0.0/16")

    def test_chosen(self) -> None:
        """
        What is written replaces what is forbidden otherwise; it may be nothing.
        """
        self.assertEqual(self.said("[http://169.254.169.254]", "forbid: []"), [])
        self.assertEqual(self.said("[http://169.254.169.254]", "forbid: [10.0.0.0/8]"), [])
        self.assertEqual(
            [key for key, _ in self.said("[http://10.0.0.1]", "forbid: [10.0.0.0/8]")], ["servers.0"]
        )

    def test_this_machine(self) -> None:
        """
        localhost is forbidden where both of its addresses are.
        """
        self.assertEqual(self.said("[http://localhost]", "forbid: [127.0.0.0/8]"), [])
        self.assertEqual(len(self.said("[http://localhost]", "forbid: [127.0.0.0/8, '::1']")), 1)

    def test_no_address(self) -> None:
        """
        Of names, services and sockets nothing can be said yet.
        """
        servers = "[http://app, srv+http://app, http+unix:///a]"
        self.assertEqual(self.said(servers, "forbid: [0.0.0.0/0, '::/0']"), [])

    def test_wrong_networks(self) -> None:
        """
        Networks are told if they are wrong; the others count all the same.
        """
        self.assertEqual(
            [key for key, _ in self.said("[http://10.0.0.1]", "forbid: [10.0.0.1/8, 10.0.0.0/8]")],
            ["servers.0", "forbid.0"],
        )
