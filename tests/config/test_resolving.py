"""
Tests of L{revproxy.config.resolving}.
"""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError
from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.resolving import NameServer, NameServerOption
from revproxy.config.upstreams import UpstreamSettings
from tests.config.files import FileTestCase

ADAPTER: TypeAdapter[NameServer] = TypeAdapter(NameServerOption)

FORM = """\
listeners: {{web: {{endpoint: tcp:8080}}}}
upstreams:
  app:
    servers: {servers}
    resolve: {resolve}
routes: [{{upstream: app}}]
"""


class NameServerTests(SynchronousTestCase):
    def test_addresses(self) -> None:
        """
        Name servers are at port 53 of an address, or where it says.
        """
        for text, address, port in (
            ("10.0.0.53", "10.0.0.53", 53),
            ("127.0.0.1:5353", "127.0.0.1", 5353),
            ("2001:DB8::53", "2001:db8::53", 53),
            ("[::1]", "::1", 53),
            ("[::1]:5353", "::1", 5353),
        ):
            self.assertEqual(ADAPTER.validate_python(text), NameServer(address, port))

    def test_refused(self) -> None:
        """
        A name is none, as it would have to be looked up; nor is anything else.
        """
        for value in ("ns.example.com", "", "::1:x", "[::1", 53, None, "127.0.0.1:99999", "10.0.0.0/8"):
            self.assertRaises(ValidationError, ADAPTER.validate_python, value)
        error = self.assertRaises(ValidationError, ADAPTER.validate_python, "127.0.0.1:0")
        self.assertSubstring("0 is no port", str(error))


class ResolveTests(FileTestCase):
    def upstream(self, resolve: str, servers: str = "[http://app]") -> UpstreamSettings:
        return self.load(FORM.format(servers=servers, resolve=resolve)).upstreams["app"]

    def said(self, resolve: str, servers: str = "[http://app]") -> list[tuple[str, str]]:
        return [
            (problem.key.removeprefix("upstreams.app."), problem.message)
            for problem in self.problems(FORM.format(servers=servers, resolve=resolve))
        ]

    def test_defaults(self) -> None:
        """
        The system looks names up, unless it is said otherwise.
        """
        resolve = self.upstream("{}").resolve
        self.assertEqual((resolve.by, resolve.nameservers, resolve.family), ("system", None, "any"))
        self.assertEqual((resolve.every, resolve.timeout), (30.0, 5.0))
        self.assertEqual((resolve.least_ttl, resolve.most_ttl), (5.0, 300.0))

    def test_written(self) -> None:
        """
        All of it can be written.
        """
        resolve = self.upstream(
            "{by: dns, nameservers: [10.0.0.53], family: ipv4, every: 1m, least_ttl: 1s, most_ttl: 1s}"
        ).resolve
        self.assertEqual(resolve.nameservers, [NameServer("10.0.0.53")])
        self.assertEqual((resolve.every, resolve.least_ttl, resolve.most_ttl), (60.0, 1.0, 1.0))

    def test_refused(self) -> None:
        """
        What does not fit together is told.
        """
        self.assertEqual(
            self.said("{nameservers: [10.0.0.53]}"),
            [("resolve", "nameservers are asked with 'by: dns' only")],
        )
        self.assertEqual(
            self.said("{least_ttl: 10s, most_ttl: 9s}"), [("resolve", "least_ttl is longer than most_ttl")]
        )
        self.assertEqual(
            self.said("{by: dns, nameservers: []}"),
            [("resolve.nameservers", "must have at least 1 of them")],
        )

    def test_needless(self) -> None:
        """
        Where nothing is looked up it is told that the options do nothing.
        """
        said = "does nothing: no server of the upstream has a name"
        for servers in ("[http://127.0.0.1]", "[http+unix:///a, {url: 'http://localhost:81'}]"):
            self.assertEqual(self.said("{by: dns}", servers), [("resolve", said)])
        self.directory.joinpath("servers.yaml").write_text("[]")
        for servers in ("[srv+http://app]", "[http://127.0.0.1, http://app]", "[{file: servers.yaml}]"):
            self.assertEqual(self.said("{by: dns}", servers), [])
