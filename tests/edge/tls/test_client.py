"""
Tests for L{revproxy.edge.tls.client}.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.edge.tls.certificates import explain
from revproxy.edge.tls.client import CertificateRefused, UpstreamTLS
from revproxy.edge.tls.options import ClientCertificates, ClientTLS
from revproxy.edge.tls.peer import client_subject
from revproxy.errors import CertificateError
from tests.certificates import Authority, Pair
from tests.edge.tls.handshake import Pipe, listener

NOW = datetime.now(UTC)


class UpstreamTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.authority = Authority(self.directory)
        self.pair = self.authority.issue(["app.test", "*.apps.test", "127.0.0.1", "::1"])

    def upstream(self, **options: Any) -> UpstreamTLS:
        """
        @param options: of L{ClientTLS}; the authority is trusted unless they say otherwise.
        """
        return UpstreamTLS(ClientTLS(**{"ca": self.authority.certificate, **options}), NOW)

    def connect(self, host: str, pair: Pair | None = None, **options: Any) -> Pipe:
        """
        Connect to a server with a certificate, under the name of C{host}.
        """
        client = self.upstream(**options).connections(host).clientConnectionForTLS(None)
        return Pipe(client, listener(pair or self.pair).serverConnectionForTLS(None)).handshake()

    def refusal(self, host: str, pair: Pair | None = None, **options: Any) -> str:
        error = self.assertRaises(CertificateRefused, self.connect, host, pair, **options)
        assert isinstance(error, SSL.Error)
        return explain(error)


class VerificationTests(UpstreamTestCase):
    """
    Which servers are trusted.
    """

    def test_interface(self) -> None:
        """
        It is what Twisted takes for the client's side of TLS.
        """
        verifyObject(IOpenSSLClientConnectionCreator, self.upstream().connections("app.test"))

    def test_names(self) -> None:
        """
        A certificate for the host's name or address is accepted, a name is also
        asked for by SNI.
        """
        for host, asked in (
            ("app.test", b"app.test"),
            ("App.Test", b"app.test"),
            ("app.test.", b"app.test"),
            ("x.apps.test", b"x.apps.test"),
            ("127.0.0.1", None),
            ("::1", None),
            ("[::1]", None),
        ):
            pipe = self.connect(host)
            self.assertEqual(pipe.server.get_servername(), asked)
            self.assertEqual(pipe.client.get_alpn_proto_negotiated(), b"http/1.1")

    def test_international_name(self) -> None:
        """
        A name outside ASCII is asked for and expected in its IDNA form.
        """
        pipe = self.connect("b\xfccher.test", self.authority.issue(["xn--bcher-kva.test"]))
        self.assertEqual(pipe.server.get_servername(), b"xn--bcher-kva.test")

    def test_other_name(self) -> None:
        """
        A certificate for other names is refused, and for other addresses.
        """
        for host in ("other.test", "a.b.apps.test", "apps.test", "127.0.0.2", "::2"):
            self.assertEqual(self.refusal(host), f"the certificate of {host} is for other names only")

    def test_untrusted(self) -> None:
        """
        A certificate of an authority that is not trusted is refused.
        """
        stranger = Authority(self.directory, "Stranger").issue(["app.test"])
        self.assertEqual(
            self.refusal("app.test", stranger),
            "the certificate of app.test is not trusted: unable to get issuer cert locally",
        )

    def test_platform_trust(self) -> None:
        """
        Without a file of authorities the platform's are trusted, which ours is not among.
        """
        self.assertIn("is not trusted", self.refusal("app.test", ca=None))

    def test_several_authorities(self) -> None:
        """
        All authorities of the file are trusted.
        """
        other = Authority(self.directory, "Other")
        both = self.directory / "both.pem"
        both.write_bytes(self.authority.certificate.read_bytes() + other.certificate.read_bytes())
        self.connect("app.test", ca=both)
        self.connect("app.test", other.issue(["app.test"]), ca=both)

    def test_certificate_itself(self) -> None:
        """
        The server's own certificate can be trusted in place of an authority.
        """
        self.connect("app.test", ca=self.pair.certificate)
        other = self.authority.issue(["app.test"])
        self.assertIn("is not trusted", self.refusal("app.test", other, ca=self.pair.certificate))

    def test_expired(self) -> None:
        """
        A certificate that expires while the server runs is refused from then on.
        """
        expired = self.authority.issue(["app.test"], since=-3, days=-1)
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.use_certificate_chain_file(str(expired.certificate))
        context.use_privatekey_file(str(expired.key))
        client = self.upstream().connections("app.test").clientConnectionForTLS(None)
        error = self.assertRaises(CertificateRefused, Pipe(client, SSL.Connection(context, None)).handshake)
        self.assertEqual(explain(error), "the certificate of app.test is not trusted: cert has expired")

    def test_no_renegotiation(self) -> None:
        """
        A server cannot make us repeat the handshake on one connection.
        """
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_max_proto_version(SSL.TLS1_2_VERSION)
        context.use_certificate_chain_file(str(self.pair.certificate))
        context.use_privatekey_file(str(self.pair.key))
        client = self.upstream(alpn=[b"x"]).connections("app.test").clientConnectionForTLS(None)
        pipe = Pipe(client, SSL.Connection(context, None)).handshake()
        pipe.server.renegotiate()
        pipe.server.do_handshake()
        pipe.carry()
        self.assertRaises(SSL.WantReadError, client.recv, 1)
        self.assertEqual(client.get_state_string(), b"SSL negotiation finished successfully")

    def test_server_name(self) -> None:
        """
        C{server_name} is asked for and expected in place of the host.
        """
        self.assertEqual(
            self.connect("10.0.0.1", server_name="app.test").server.get_servername(), b"app.test"
        )
        self.assertIn(
            "app.test is for other",
            self.refusal("x.test", self.authority.issue(["x.test"]), server_name="app.test"),
        )

    def test_not_verified(self) -> None:
        """
        With C{verify} off any certificate is taken; the name is still asked for.
        """
        stranger = Authority(self.directory, "Stranger").issue(["unknown.test"], since=-1)
        self.assertEqual(
            self.connect("app.test", stranger, verify=False).server.get_servername(), b"app.test"
        )

    def test_one_context(self) -> None:
        """
        All connections of an upstream share one context.
        """
        upstream = self.upstream()
        contexts = {
            upstream.connections(host).clientConnectionForTLS(None).get_context()
            for host in ("a.test", "b.test")
        }
        self.assertEqual(contexts, {upstream.context})


class ClientCertificateTests(UpstreamTestCase):
    """
    The certificate that we show.
    """

    def setUp(self) -> None:
        super().setUp()
        asked = ClientCertificates(required=True, ca=self.authority.certificate)
        self.server = listener(self.pair, client_certificates=asked)

    def subject(self, upstream: UpstreamTLS) -> bytes | None:
        client = upstream.connections("app.test").clientConnectionForTLS(None)
        return client_subject(Pipe(client, self.server.serverConnectionForTLS(None)).handshake().server)

    def test_shown(self) -> None:
        """
        The certificate is shown to a server that asks for one.
        """
        pair = self.authority.issue(["proxy"], client=True)
        self.assertEqual(self.subject(self.upstream(certificate=pair)), b"CN=proxy")
        self.assertRaises(SSL.Error, self.subject, self.upstream())

    def test_wrong(self) -> None:
        """
        A certificate or a file of authorities that cannot be used is an error at once.
        """
        pair = self.authority.issue(["proxy"], client=True)
        error = self.assertRaises(
            CertificateError, self.upstream, certificate=(pair.certificate, self.pair.key)
        )
        self.assertEqual(error.path, self.pair.key)
        error = self.assertRaises(CertificateError, self.upstream, ca=self.directory / "missing.pem")
        self.assertEqual(error.message, "there is no such file")

    def test_taken_over(self) -> None:
        """
        A new certificate is shown by later connections; the old one stays while
        the new files are wrong.
        """
        pair = self.authority.issue(["old"], client=True, file="proxy")
        upstream = self.upstream(certificate=pair)
        self.assertEqual(upstream.take_over(NOW), [])
        pair.key.unlink()
        (failure,) = upstream.take_over(NOW)
        self.assertEqual((failure.path, self.subject(upstream)), (pair.key, b"CN=old"))
        self.authority.issue(["new"], client=True, file="proxy")
        self.assertEqual((upstream.take_over(NOW), self.subject(upstream)), ([], b"CN=new"))
