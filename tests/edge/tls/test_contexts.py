"""
Tests for L{revproxy.edge.tls.contexts}, by handshakes with clients of another make.
"""

from __future__ import annotations

from pathlib import Path

from OpenSSL import SSL
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.tls.contexts import NoCommonProtocol
from revproxy.edge.tls.options import ClientCertificates
from revproxy.edge.tls.server import ServerConnections
from tests.certificates import Authority, Pair
from tests.edge.tls.handshake import client_context, connect, listener, resumed, shown

VERSIONS = (SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION)
TLS12 = {
    "AES128": "ECDHE-ECDSA-AES128-GCM-SHA256",
    "AES256": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "CHACHA20": "ECDHE-ECDSA-CHACHA20-POLY1305",
}
TLS13 = {
    "AES128": "TLS_AES_128_GCM_SHA256",
    "AES256": "TLS_AES_256_GCM_SHA384",
    "CHACHA20": "TLS_CHACHA20_POLY1305_SHA256",
}


def suites(names: dict[str, str], offered: str) -> bytes:
    """
    @return: OpenSSL's list of what is offered.
    """
    return ":".join(names[each] for each in offered.split(",")).encode()


class ContextTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        self.authority = Authority(self.directory)
        self.pair = self.authority.issue(["one.test"])

    def client(self, maximum: int = SSL.TLS1_3_VERSION) -> SSL.Context:
        return client_context(self.authority.certificate, maximum)


class CertificateChoiceTests(ContextTestCase):
    """
    Which certificate a client is shown.
    """

    def test_server_name(self) -> None:
        """
        The name that the client asks for chooses the certificate, and is remembered.
        """
        server = listener(
            self.pair, self.authority.issue(["two.test"]), self.authority.issue(["*.wild.test"])
        )
        for name, subject in (
            (b"one.test", "CN=one.test"),
            (b"two.test", "CN=two.test"),
            (b"a.wild.test", "CN=*.wild.test"),
            (b"unknown.test", "CN=one.test"),
            (None, "CN=one.test"),
        ):
            for version in VERSIONS:
                pipe = connect(self.client(version), server, name)
                self.assertEqual((shown(pipe), pipe.server.get_servername()), (subject, name))

    def test_kind_of_key(self) -> None:
        """
        Of an RSA and an ECDSA certificate for a name, each client gets the one
        that it can verify, with the chain that belongs to it.
        """
        intermediate = Authority(self.directory, "Intermediate", parent=self.authority)
        server = listener(intermediate.issue(["one.test"]), self.authority.issue(["one.test"], key="rsa"))
        chains = {}
        for kind in ("ECDSA", "RSA"):
            context = self.client(SSL.TLS1_2_VERSION)
            context.set_cipher_list(f"ECDHE-{kind}-AES128-GCM-SHA256".encode())
            pipe = connect(context, server, b"one.test")
            certificates = pipe.client.get_peer_cert_chain(as_cryptography=True)
            assert certificates is not None
            chains[kind] = [each.issuer.rfc4514_string() for each in certificates]
        self.assertEqual(
            chains, {"ECDSA": ["CN=Intermediate", "CN=Test authority"], "RSA": ["CN=Test authority"]}
        )

    def test_chain(self) -> None:
        """
        The chain is that of the file; nothing is added that clients' certificates are
        verified with.
        """
        intermediate = Authority(self.directory, "Intermediate", parent=self.authority)
        pair = intermediate.issue(["one.test"])
        leaf = pair.certificate.read_text().partition("-----END CERTIFICATE-----\n")
        pair.certificate.write_text(leaf[0] + leaf[1])
        server = listener(pair, client_certificates=ClientCertificates(False, intermediate.certificate))
        client = SSL.Context(SSL.TLS_CLIENT_METHOD)
        certificates = connect(client, server).client.get_peer_cert_chain(as_cryptography=True)
        assert certificates is not None
        self.assertEqual([each.subject.rfc4514_string() for each in certificates], ["CN=one.test"])


class NegotiationTests(ContextTestCase):
    """
    What is agreed on, and what is refused.
    """

    def test_modern(self) -> None:
        """
        TLS 1.2 and 1.3 are spoken, with authenticated ciphers and forward secrecy.
        """
        server = listener(self.pair)
        agreed = []
        for version in VERSIONS:
            pipe = connect(self.client(version), server)
            agreed.append(pipe.server.get_protocol_version_name())
            self.assertRegex(pipe.server.get_cipher_name() or "", "GCM|CHACHA20")
            self.assertIsNotNone(pipe.server.get_group_name())
        self.assertEqual(agreed, ["TLSv1.2", "TLSv1.3"])

    def test_old_version(self) -> None:
        """
        TLS 1.1 is refused.
        """
        client = self.client(SSL.TLS1_1_VERSION)
        client.set_cipher_list(b"ALL:@SECLEVEL=0")
        self.assertRaises(SSL.Error, connect, client, listener(self.pair))

    def test_minimum_version(self) -> None:
        """
        With TLS 1.3 as the minimum, 1.2 is refused.
        """
        server = listener(self.pair, minimum_version="TLSv1.3")
        self.assertRaises(SSL.Error, connect, self.client(SSL.TLS1_2_VERSION), server)
        self.assertEqual(connect(self.client(), server).server.get_protocol_version_name(), "TLSv1.3")

    def test_weak_cipher(self) -> None:
        """
        A client that knows only CBC ciphers is refused, unless they are listed.
        """
        cipher = "ECDHE-ECDSA-AES128-SHA256"
        client = self.client(SSL.TLS1_2_VERSION)
        client.set_cipher_list(cipher.encode())
        self.assertRaises(SSL.Error, connect, client, listener(self.pair))
        pipe = connect(client, listener(self.pair, ciphers=cipher))
        self.assertEqual(pipe.server.get_cipher_name(), cipher)

    def test_fastest_cipher(self) -> None:
        """
        AES with 128 bits is agreed on whatever the client's order, unless it would
        rather have ChaCha20 than any other.
        """
        server = listener(self.pair)
        for offered, agreed in (
            ("AES256,CHACHA20,AES128", "AES_?128"),
            ("CHACHA20,AES256,AES128", "CHACHA20"),
            ("AES256", "AES_?256"),
        ):
            for version in VERSIONS:
                client = self.client(version)
                client.set_tls13_ciphersuites(suites(TLS13, offered))
                client.set_cipher_list(suites(TLS12, offered))
                self.assertRegex(connect(client, server).server.get_cipher_name() or "", agreed)

    def test_no_renegotiation(self) -> None:
        """
        A client cannot make the server repeat the handshake on one connection.
        """
        pipe = connect(self.client(SSL.TLS1_2_VERSION), listener(self.pair))
        pipe.client.renegotiate()
        self.assertRaises(SSL.WantReadError, pipe.client.do_handshake)
        pipe.carry()
        self.assertRaises(SSL.WantReadError, pipe.server.recv, 1)
        pipe.carry()
        error = self.assertRaises(SSL.Error, pipe.client.do_handshake)
        self.assertIn("no renegotiation", str(error))

    def test_application_protocol(self) -> None:
        """
        The listener's order decides among the protocols that the client offers.
        """
        client = self.client()
        client.set_alpn_protos([b"http/1.1", b"h2"])
        for known, chosen in (([b"http/1.1"], b"http/1.1"), ([b"h2", b"http/1.1"], b"h2")):
            pipe = connect(client, listener(self.pair, alpn=known))
            self.assertEqual(pipe.client.get_alpn_proto_negotiated(), chosen)

    def test_no_application_protocol(self) -> None:
        """
        A client that offers none is served, one that offers only others is not.
        """
        server = listener(self.pair)
        self.assertEqual(connect(self.client(), server).server.get_alpn_proto_negotiated(), b"")
        client = self.client()
        client.set_alpn_protos([b"smtp"])
        error = self.assertRaises(NoCommonProtocol, connect, client, server)
        self.assertIn("smtp", str(error))


class ResumptionTests(ContextTestCase):
    """
    Which sessions can be resumed, and where.
    """

    def test_resumed(self) -> None:
        """
        Sessions are resumed in both versions, as tickets or from the cache,
        whichever certificate the client's name chooses.
        """
        other = self.authority.issue(["two.test"])
        for sessions in ("tickets", "cache"):
            server = listener(self.pair, other, sessions=sessions)
            for version in VERSIONS:
                for name in (b"one.test", b"two.test", None):
                    client = self.client(version)
                    first = connect(client, server, name)
                    again = connect(client, server, name, first.client.get_session())
                    self.assertEqual((resumed(first), resumed(again)), (False, True))
                    self.assertEqual(again.server.get_servername(), name)

    def test_tickets(self) -> None:
        """
        With TLS 1.2 tickets are given out by default, and not where sessions are
        kept here or by nobody.
        """
        self.assertTrue(self.is_given_ticket(listener(self.pair)))
        for sessions in ("cache", "none"):
            self.assertFalse(self.is_given_ticket(listener(self.pair, sessions=sessions)))

    def is_given_ticket(self, server: ServerConnections) -> bool:
        """
        Whether a client of TLS 1.2 is.
        """
        states: list[bytes] = []
        client = self.client(SSL.TLS1_2_VERSION)
        client.set_info_callback(lambda side, where, result: states.append(side.get_state_string()))
        connect(client, server)
        return b"SSLv3/TLS read server session ticket" in states

    def test_none_resumed(self) -> None:
        """
        Where sessions are not wanted, none is resumed, whichever the version.
        """
        server = listener(self.pair, sessions="none")
        for version in VERSIONS:
            client = self.client(version)
            first = connect(client, server)
            again = connect(client, server, session=first.client.get_session())
            self.assertFalse(resumed(again))

    def test_other_listener(self) -> None:
        """
        Pitfall 19: a session of one listener is worth nothing at another, even
        with the same certificate.
        """
        for sessions in ("tickets", "cache"):
            one = listener(self.pair, name="one", sessions=sessions)
            two = listener(self.pair, name="two", sessions=sessions)
            for version in VERSIONS:
                client = self.client(version)
                for server, worth in ((one, True), (two, False)):
                    first = connect(client, one)
                    again = connect(client, server, session=first.client.get_session())
                    self.assertEqual(resumed(again), worth)

    def test_no_way_around_client_certificates(self) -> None:
        """
        Pitfall 19: a session made where nobody asks for a certificate does not
        spare a client to show one where it is required.
        """
        asked = ClientCertificates(required=True, ca=self.authority.certificate)
        strict = listener(self.pair, client_certificates=asked)
        for version in VERSIONS:
            client = self.client(version)
            first = connect(client, listener(self.pair))
            self.assertRaises(SSL.Error, connect, client, strict, None, first.client.get_session())

    def test_client_certificates_verified_anew(self) -> None:
        """
        Pitfall 19: where clients show certificates, each connection shows it anew.
        """
        shown = self.authority.issue(["client"], client=True)
        for required in (True, False):
            asked = ClientCertificates(required, self.authority.certificate)
            for sessions in ("tickets", "cache", "none"):
                server = listener(self.pair, client_certificates=asked, sessions=sessions)
                for version in VERSIONS:
                    client = client_context(self.authority.certificate, version, shown)
                    first = connect(client, server)
                    again = connect(client, server, session=first.client.get_session())
                    self.assertFalse(resumed(again))


class ClientCertificateTests(ContextTestCase):
    """
    Who is let in where certificates are asked for.
    """

    def setUp(self) -> None:
        super().setUp()
        self.clients = Authority(self.directory, "Clients")

    def is_let_in(self, required: bool, pair: Pair | None) -> list[bool]:
        """
        Whether a client that shows this certificate is, with each version of TLS.
        """
        asked = ClientCertificates(required, self.clients.certificate)
        server = listener(self.pair, client_certificates=asked)
        results = []
        for version in VERSIONS:
            try:
                connect(client_context(self.authority.certificate, version, pair), server)
            except SSL.Error:
                results.append(False)
            else:
                results.append(True)
        return results

    def assert_let_in(self, pair: Pair | None, required: bool, optional: bool) -> None:
        self.assertEqual(self.is_let_in(True, pair), [required] * 2)
        self.assertEqual(self.is_let_in(False, pair), [optional] * 2)

    def test_shown(self) -> None:
        """
        Who shows a certificate of the right authority is let in.
        """
        self.assert_let_in(self.clients.issue(client=True), required=True, optional=True)

    def test_none(self) -> None:
        """
        Who shows none is let in where it is optional.
        """
        self.assert_let_in(None, required=False, optional=True)

    def test_other_authority(self) -> None:
        """
        Who shows one of another authority is never let in, not even one of the
        authority that signed our own.
        """
        self.assert_let_in(self.authority.issue(client=True), required=False, optional=False)

    def test_expired(self) -> None:
        """
        Who shows one that has expired is never let in.
        """
        expired = self.clients.issue(client=True, since=-3, days=-1)
        self.assert_let_in(expired, required=False, optional=False)

    def test_intermediate(self) -> None:
        """
        A certificate is verified through what signed it in between.
        """
        between = Authority(self.directory, "Between", parent=self.clients)
        self.assert_let_in(between.issue(client=True), required=True, optional=True)

    def test_authorities_named(self) -> None:
        """
        The client is told whose certificates are accepted.
        """
        asked = ClientCertificates(False, self.clients.certificate)
        server = listener(self.pair, client_certificates=asked)
        pipe = connect(self.client(SSL.TLS1_2_VERSION), server)
        (named,) = pipe.client.get_client_ca_list(as_cryptography=True)
        self.assertEqual(named.rfc4514_string(), "CN=Clients")
