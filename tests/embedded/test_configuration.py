"""
Tests of L{revproxy.embedded.configuration}.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from revproxy.catalog import registry
from revproxy.config.load import configuration_from
from revproxy.embedded.configuration import embedded_configuration, quick_configuration, quick_option
from revproxy.errors import ConfigurationError
from tests.certificates import Authority


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

    def test_other_ports(self) -> None:
        """
        It can listen on other ports: someone may have the usual ones.
        """
        made: dict[str, Any] = embedded_configuration(Path("a.pem"), Path("a.key"), [], (9080, 9443))
        self.assertEqual(
            [listener["endpoint"] for listener in made["listeners"].values()],
            ["tcp:9080:interface=127.0.0.1", "tcp:9443:interface=127.0.0.1"],
        )

    def test_valid(self) -> None:
        """
        It is a configuration as a file may have it.
        """
        directory = Path(self.mktemp())
        directory.mkdir()
        certificate, key = Authority(directory).issue()
        made = embedded_configuration(certificate.absolute(), key.absolute(), ["http://127.0.0.1:41001"])
        configuration = configuration_from(made, registry(), directory)
        self.assertEqual(set(configuration.listeners), {"web", "secure"})


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

    def test_valid(self) -> None:
        """
        It is a configuration as a file may have it, unless what was given is wrong.
        """
        servers = ["http://127.0.0.1:9000"]
        configuration = configuration_from(quick_configuration("tcp:8080", servers), registry(), Path())
        self.assertEqual(set(configuration.listeners), {"web"})
        for from_, to, option in (("tcp:8080", ["nonsense"], "--to"), ("nonsense", servers, "--from")):
            wrong = quick_configuration(from_, to)
            error = self.assertRaises(ConfigurationError, configuration_from, wrong, registry(), Path())
            self.assertEqual([quick_option(problem.key) for problem in error.problems], [option])
