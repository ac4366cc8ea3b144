"""
Tests for L{revproxy.edge.tls.options}: code that makes the values itself gets what a
file that leaves the options out would.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

from pydantic import BaseModel
from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.listeners import ListenerTLSSettings
from revproxy.config.upstreams import UpstreamTLSSettings
from revproxy.edge.tls.options import ClientTLS, ServerTLS

SERVER = ServerTLS([(Path("a.pem"), Path("a.key"))])


def default(settings: type[BaseModel], name: str) -> object:
    """
    What an option is where a file leaves it out.
    """
    return settings.model_fields[name].default


class OptionsTests(SynchronousTestCase):
    def test_listener(self) -> None:
        """
        The defaults of a listener are those of the file.
        """
        for name in ("minimum_version", "ciphers", "sessions", "client_certificates"):
            self.assertEqual(getattr(SERVER, name), default(ListenerTLSSettings, name), name)

    def test_upstream(self) -> None:
        """
        The defaults of an upstream are those of the file: its servers are verified.
        """
        client = ClientTLS()
        for name in ("ca", "server_name", "verify"):
            self.assertEqual(getattr(client, name), default(UpstreamTLSSettings, name), name)
        self.assertEqual(client.certificate, default(UpstreamTLSSettings, "client_certificate"))
        self.assertTrue(client.verify)

    def test_protocols(self) -> None:
        """
        HTTP/1.1 is what both sides agree on, the one version that is spoken.
        """
        self.assertEqual([SERVER.alpn, ClientTLS().alpn], [(b"http/1.1",)] * 2)

    def test_kept(self) -> None:
        """
        Options stay as they are: connections that were made by them rely on that.
        """
        for options, name in ((SERVER, "sessions"), (ClientTLS(), "verify")):
            self.assertRaises(FrozenInstanceError, setattr, options, name, None)
