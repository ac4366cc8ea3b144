from __future__ import annotations

from dataclasses import replace
from typing import Any

from revproxy.edge.router import Router
from revproxy.edge.tree import RouteTree
from revproxy.errors import CertificateError
from revproxy.service.terms import Terms
from tests.certificates import Authority
from tests.edge.tls.handshake import client_context, connect, resumed
from tests.flow.moving import StandInSplicer
from tests.service.proxies import ProxyTestCase, a_document


class TermsTests(ProxyTestCase):
    def terms(self, name: str = "web", **more: Any) -> Terms:
        configuration = self.configuration(a_document(**more))
        return Terms(name, configuration, Router(RouteTree([])).answer, lambda exchange: None, self.workshop)

    def listener(self, **tls: Any) -> Terms:
        return self.terms(listeners={"web": {"endpoint": "tcp:8080", "tls": tls}})

    def test_every_option(self) -> None:
        """
        What the file says of limits and deadlines is what connections are given.
        """
        limits = {"request_line": "1KiB", "head": "2KiB", "fields": 7, "body": "3B", "least_body_rate": "4B"}
        timeouts = {
            "head": "1s", "body_grace": "2s", "idle": "3s", "slow_reader": "4s", "continue": "5s",
            "half_closed": "6s",
        }  # fmt: skip
        http = self.terms(limits={**limits, "requests": 5, "connections": 6}, timeouts=timeouts).http
        self.assertEqual((http.head_limits.request_line, http.head_limits.head), (1024, 2048))
        self.assertEqual(http.head_limits.fields, 7)
        self.assertEqual((http.most_body, http.least_body_rate), (3, 4))
        self.assertEqual((http.most_requests, http.most_connections), (5, 6))
        self.assertEqual(
            (http.head_timeout, http.body_grace, http.idle_timeout, http.slow_reader_timeout), (1, 2, 3, 4)
        )
        self.assertEqual((http.continue_timeout, http.half_closed_timeout), (5, 6))
        self.assertEqual((http.listener, http.secure, http.asks_for_certificates), ("web", False, False))
        self.assertIs(http.connections, self.workshop.connections)

    def test_tls(self) -> None:
        """
        So is what it says of TLS.
        """
        asked = {"ca": str(Authority(self.directory).certificate), "header": "X-Subject", "mode": "optional"}
        terms = self.listener(**self.tls(handshake_timeout="3s", client_certificates=asked))
        self.assertIsNotNone(terms.tls)
        self.assertTrue(terms.http.secure and terms.http.asks_for_certificates)
        self.assertEqual((terms.http.subject_field, terms.http.handshake_timeout), (b"x-subject", 3.0))

    def test_moved_bodies(self) -> None:
        """
        What moves bodies from socket to socket is for plain listeners alone.
        """
        self.workshop = replace(self.workshop, splicer=StandInSplicer())
        self.assertIs(self.terms().http.splicer, self.workshop.splicer)
        self.assertIsNone(self.listener(**self.tls()).http.splicer)

    def test_sessions(self) -> None:
        """
        TLS sessions are resumed unless the file says otherwise.
        """
        authority = Authority(self.directory)
        pair = authority.issue()
        tls = {"certificates": [{"certificate": str(pair.certificate), "key": str(pair.key)}]}
        client = client_context(authority.certificate)
        for sessions, worth in (("tickets", True), ("cache", True), ("none", False)):
            server = self.listener(**tls, sessions=sessions).tls
            assert server is not None
            first = connect(client, server)
            self.assertEqual(resumed(connect(client, server, session=first.client.get_session())), worth)

    def test_bad_certificate(self) -> None:
        """
        A certificate that cannot be used is told at once.
        """
        tls = self.tls()
        self.directory.joinpath("bad.key").write_text("nothing")
        tls["certificates"][0]["key"] = "bad.key"
        self.assertRaises(CertificateError, self.listener, **tls)

    def test_continues(self) -> None:
        """
        Connections go on by terms of the same listener with the same TLS alone.
        """
        tls = self.tls()
        secure = self.listener(**tls)
        self.assertTrue(self.terms(limits={"requests": 5}).continues(self.terms()))
        self.assertTrue(self.listener(**tls).continues(secure))
        self.assertFalse(self.listener(**tls, minimum_version="TLSv1.3").continues(secure))
        self.assertFalse(secure.continues(self.terms()))
        self.assertFalse(self.terms().continues(secure))
        both = {"web": {"endpoint": "tcp:8080"}, "other": {"endpoint": "tcp:8081"}}
        self.assertFalse(self.terms("other", listeners=both).continues(self.terms("web", listeners=both)))
