"""
Tests of L{revproxy.embedded.configuration}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.embedded.configuration import embedded_configuration, quick_configuration


class EmbeddedConfigurationTests(SynchronousTestCase):
    def test_contents(self) -> None:
        """
        It listens on this machine alone, plain and over TLS, and relays to the servers.
        """
        servers = ["http://127.0.0.1:41001", "http://127.0.0.1:41002"]
        pair = {"certificate": "/state/localhost.pem", "key": "/state/localhost.key"}
        self.assertEqual(
            embedded_configuration(Path("/state/localhost.pem"), Path("/state/localhost.key"), servers),
            {
                "listeners": {
                    "web": {"endpoint": "tcp:8080:interface=127.0.0.1"},
                    "secure": {
                        "endpoint": "tcp:8443:interface=127.0.0.1",
                        "tls": {"certificates": [pair]},
                    },
                },
                "upstreams": {"demonstration": {"servers": servers}},
                "routes": [{"path": "/", "upstream": "demonstration"}],
            },
        )


class QuickConfigurationTests(SynchronousTestCase):
    def test_contents(self) -> None:
        """
        Everything goes from the endpoint to the servers, in their order.
        """
        servers = ["http://127.0.0.1:9000", "http://127.0.0.1:9001"]
        self.assertEqual(
            quick_configuration("tcp:8080", servers),
            {
                "listeners": {"web": {"endpoint": "tcp:8080"}},
                "upstreams": {"app": {"servers": servers}},
                "routes": [{"path": "/", "upstream": "app"}],
            },
        )
