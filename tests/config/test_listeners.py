from __future__ import annotations

from typing_extensions import override

from revproxy.config.listeners import ListenerSettings, ListenerTLSSettings
from tests.config.files import FileTestCase

TLS = """\
listeners:
  secure:
    endpoint: tcp:8443
    tls:
      certificates: [{certificate: a.pem, key: a.key}]
"""
REST = """
upstreams: {app: {servers: [http://127.0.0.1:8001]}}
routes: [{upstream: app}]
"""


class ListenerTests(FileTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        for name in ("a.pem", "a.key", "clients.pem"):
            self.directory.joinpath(name).write_text("not looked into here")

    def tls(self, added: str = "") -> ListenerTLSSettings:
        """
        The TLS settings of a listener to which lines are added.
        """
        tls = self.load(TLS + added + REST).listeners["secure"].tls
        assert tls is not None
        return tls

    def said(self, added: str) -> list[tuple[str, str]]:
        problems = self.problems(TLS + added + REST)
        return [(problem.key.removeprefix("listeners.secure."), problem.message) for problem in problems]

    def test_plain(self) -> None:
        """
        A listener needs its endpoint alone, and then speaks plain HTTP.
        """
        self.assertIsNone(ListenerSettings(endpoint="tcp:8080").tls)

    def test_ssl_endpoint(self) -> None:
        """
        An endpoint that does TLS by itself is told by its line and key.
        """
        (problem,) = self.problems("listeners:\n  web: {endpoint: 'ssl:8443:privateKey=a.key'}" + REST)
        self.assertEqual((problem.line, problem.key), (2, "listeners.web.endpoint"))
        self.assertSubstring("write tcp:... with tls:", problem.message)

    def test_defaults(self) -> None:
        """
        TLS needs its certificates; all else has a default.
        """
        tls = self.tls()
        (pair,) = tls.certificates
        self.assertEqual(pair.certificate, self.directory / "a.pem")
        self.assertEqual(pair.key, self.directory / "a.key")
        self.assertEqual((tls.minimum_version, tls.ciphers, tls.sessions), ("TLSv1.2", None, "tickets"))
        self.assertEqual((tls.handshake_timeout, tls.reload_interval), (10.0, 5.0))
        self.assertIsNone(tls.client_certificates)

    def test_client_certificates(self) -> None:
        """
        Clients' certificates are required where they are asked for, and no field
        carries the subject unless one is named.
        """
        asked = self.tls("      client_certificates: {ca: clients.pem}").client_certificates
        assert asked is not None
        self.assertEqual((asked.mode, asked.header), ("required", b"x-client-subject"))
        asked = self.tls(
            "      client_certificates: {ca: clients.pem, mode: optional, header: X-Client}"
        ).client_certificates
        assert asked is not None
        self.assertEqual((asked.mode, asked.header), ("optional", b"x-client"))

    def test_client_certificates_need_an_authority(self) -> None:
        """
        Without an authority nobody's certificate could be believed.
        """
        self.assertEqual(
            self.said("      client_certificates: {mode: optional}"),
            [("tls.client_certificates.ca", "is missing")],
        )

    def test_header_of_its_own(self) -> None:
        """
        The subject takes no field that has a meaning of its own.
        """
        for name in ("Host", "Content-Length", "Transfer-Encoding", "a b"):
            ((key, _),) = self.said(f"      client_certificates: {{ca: clients.pem, header: {name}}}")
            self.assertEqual(key, "tls.client_certificates.header")

    def test_versions(self) -> None:
        """
        Older versions of TLS are not to be had.
        """
        self.assertEqual(self.tls("      minimum_version: TLSv1.3").minimum_version, "TLSv1.3")
        self.assertEqual(
            self.said("      minimum_version: TLSv1.1"),
            [("tls.minimum_version", "must be one of 'TLSv1.2', 'TLSv1.3', not the text 'TLSv1.1'")],
        )

    def test_ciphers(self) -> None:
        """
        A list in which OpenSSL finds no cipher for TLS 1.2 is told at once.
        """
        self.assertEqual(self.tls("      ciphers: ECDHE+AESGCM").ciphers, "ECDHE+AESGCM")
        for unknown in ("ROT13", "TLS_AES_128_GCM_SHA256"):
            self.assertEqual(
                self.said(f"      ciphers: {unknown}"),
                [("tls.ciphers", f"OpenSSL finds no cipher in '{unknown}'")],
            )

    def test_never_reload(self) -> None:
        """
        0 is an interval, for never; it is no time for a handshake.
        """
        self.assertEqual(self.tls("      reload_interval: 0").reload_interval, 0.0)
        self.assertEqual(
            self.said("      handshake_timeout: 0s"), [("tls.handshake_timeout", "must be more than 0")]
        )

    def test_sessions(self) -> None:
        """
        There are three ways to keep sessions; C{none} is a word, not YAML's null.
        """
        for way in ("tickets", "cache", "none"):
            self.assertEqual(self.tls(f"      sessions: {way}").sessions, way)
        self.assertEqual(
            self.said("      sessions: off"),
            [("tls.sessions", "must be one of 'tickets', 'cache', 'none', not the text 'off'")],
        )

    def test_no_certificates(self) -> None:
        """
        There is no TLS without a certificate.
        """
        added = "listeners: {a: {endpoint: tcp:1, tls: {certificates: []}}, b: {endpoint: tcp:2, tls: {}}}"
        self.assertEqual(
            [(problem.key, problem.message) for problem in self.problems(added + REST)],
            [
                ("listeners.a.tls.certificates", "must have at least 1 of them"),
                ("listeners.b.tls.certificates", "is missing"),
            ],
        )
