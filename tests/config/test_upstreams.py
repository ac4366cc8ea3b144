from __future__ import annotations

from revproxy.config.upstreams import UpstreamSettings
from tests.config.files import FileTestCase, written

FORM = """\
listeners: {{web: {{endpoint: tcp:8080}}}}
upstreams:
  app:
    servers: {servers}
    {added}
routes: [{{upstream: app}}]
"""


class UpstreamTests(FileTestCase):
    def upstream(self, added: str = "") -> UpstreamSettings:
        return self.load(self.servers("[https://127.0.0.1:8001]", added)).upstreams["app"]

    def said(self, added: str) -> list[tuple[str, str]]:
        problems = self.problems(self.servers("[https://127.0.0.1:8001]", added))
        return [(problem.key.removeprefix("upstreams.app."), problem.message) for problem in problems]

    def servers(self, servers: str, added: str = "") -> str:
        return FORM.format(servers=servers, added=added)

    def test_defaults(self) -> None:
        """
        An upstream needs its servers alone.
        """
        upstream = self.upstream()
        (server,) = written(upstream)
        self.assertEqual((server.url.text, server.weight), ("https://127.0.0.1:8001", 1))
        self.assertEqual((upstream.balancer.type, upstream.host), ("round-robin", b"pass"))
        self.assertEqual((upstream.max_response_head, upstream.upgrades), (65536, [b"websocket"]))

    def test_defaults_of_tls(self) -> None:
        """
        Servers are verified with the system's authorities unless the file says otherwise.
        """
        tls = self.upstream().tls
        self.assertIs(tls.verify, True)
        self.assertEqual((tls.ca, tls.client_certificate, tls.server_name), (None, None, None))

    def test_defaults_of_connections(self) -> None:
        """
        Connections and deadlines have bounds that no file needs to give.
        """
        upstream = self.upstream()
        connections, timeouts = upstream.connections, upstream.timeouts
        self.assertEqual(
            (connections.most, connections.idle, connections.idle_timeout, connections.requests),
            (512, 64, 30.0, 10_000),
        )
        self.assertEqual(
            (timeouts.connect, timeouts.first_byte, timeouts.response, timeouts.tunnel_idle),
            (5.0, 60.0, 86_400.0, 3600.0),
        )

    def test_servers_long_and_short(self) -> None:
        """
        A URL alone is short for a mapping with it.
        """
        upstreams = self.load(self.servers("[http://a, {url: http://b, weight: 3}]")).upstreams
        self.assertEqual(
            [(server.url.host, server.weight) for server in written(upstreams["app"])], [("a", 1), ("b", 3)]
        )

    def test_no_servers(self) -> None:
        """
        An upstream without servers is refused, and so are servers twice.
        """
        for servers, said in {
            "[]": "must have at least 1 of them",
            "[http://a, http://b, {url: http://a}]": "http://a is there twice; give it more weight instead",
            "http://a": "must be a list, not the text 'http://a'",
        }.items():
            (problem,) = self.problems(self.servers(servers))
            self.assertEqual((problem.key, problem.message), ("upstreams.app.servers", said))

    def test_weights(self) -> None:
        """
        A weight is a whole number from 1 on.
        """
        for weight, said in {"0": "at least 1, not 0", "1.5": "a whole number, not 1.5"}.items():
            (problem,) = self.problems(self.servers(f"[{{url: http://a, weight: {weight}}}]"))
            self.assertEqual(
                (problem.key, problem.message), ("upstreams.app.servers.0.weight", f"must be {said}")
            )

    def test_host(self) -> None:
        """
        The Host field is passed, the upstream's, or a name with or without a port.
        """
        written = ["pass", "upstream", "App.internal", "app:81"]
        self.assertEqual(
            [self.upstream(f"host: {host}").host for host in written],
            [b"pass", b"upstream", b"app.internal", b"app:81"],
        )
        ((key, _),) = self.said("host: http://app")
        self.assertEqual(key, "host")

    def test_tls(self) -> None:
        """
        Names and files for TLS to the servers.
        """
        for name in ("ca.pem", "a.pem", "a.key"):
            self.directory.joinpath(name).write_text("not looked into here")
        tls = self.upstream(
            "tls: {ca: ca.pem, client_certificate: {certificate: a.pem, key: a.key}, server_name: A.b}"
        ).tls
        assert tls.client_certificate is not None
        self.assertEqual((tls.ca, tls.server_name), (self.directory / "ca.pem", "a.b"))
        self.assertEqual(tls.client_certificate.key, self.directory / "a.key")

    def test_needless_tls(self) -> None:
        """
        TLS options where no server is https are told at their place.
        """
        (problem,) = self.problems(self.servers("[http://127.0.0.1:8001]", "tls: {verify: true}"))
        self.assertEqual((problem.line, problem.key), (5, "upstreams.app.tls"))

    def test_verification_is_not_lost_by_accident(self) -> None:
        """
        Only the value false leaves servers unverified.
        """
        self.assertIs(self.upstream("tls: {verify: false}").tls.verify, False)
        for value in ["no", "off", "0", "~", '"false"']:
            ((key, _),) = self.said(f"tls: {{verify: {value}}}")
            self.assertEqual(key, "tls.verify")

    def test_upgrades(self) -> None:
        """
        Protocols are tokens that do not depend on case; there may be none.
        """
        self.assertEqual(self.upstream("upgrades: []").upgrades, [])
        self.assertEqual(self.upstream("upgrades: [WebSocket, x]").upgrades, [b"websocket", b"x"])
        ((key, _),) = self.said("upgrades: ['a b']")
        self.assertEqual(key, "upgrades.0")

    def test_no_h2c(self) -> None:
        """
        Pitfall 35: HTTP/2 in the clear is no protocol to make a tunnel for.
        """
        ((key, message),) = self.said("upgrades: [H2C]")
        self.assertEqual(key, "upgrades.0")
        self.assertSubstring("never let through", message)
