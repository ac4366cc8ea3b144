"""
Caddy.
"""

import json
from collections.abc import Mapping

from typing_extensions import override

from bench.peer import Place
from bench.proxies.installed import InstalledProgram


class Caddy(InstalledProgram):
    """
    Caddy on one processor (C{GOMAXPROCS}).

    It adds three of the four fields by itself.
    """

    name = program = "caddy"
    version_argument = "version"
    unable = {"routes": "not set up for these rows", "cache": "not set up for these rows"}

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        configuration = place.directory / "caddy.json"
        configuration.write_text(json.dumps(self._settings(place)))
        return [self.path(), "run", "--config", str(configuration)]

    @override
    def environment(self, place: Place) -> Mapping[str, str]:
        """
        Implement L{Peer.environment}.
        """
        directory = str(place.directory)
        return {
            "GOMAXPROCS": "1",
            "HOME": directory,
            "XDG_DATA_HOME": directory,
            "XDG_CONFIG_HOME": directory,
        }

    def _settings(self, place: Place) -> dict[str, object]:
        certificate = {"certificate": str(place.certificate.certificate), "key": str(place.certificate.key)}
        return {
            "admin": {"disabled": True, "config": {"persist": False}},
            "logging": {"logs": {"default": {"level": "ERROR"}}},
            "apps": {
                "http": {
                    "servers": {"plain": self._server(place, place.plain), "tls": self._tls_server(place)}
                },
                "tls": {
                    "certificates": {"load_files": [certificate]},
                    "session_tickets": {"disabled": not place.setup.resumption},
                },
            },
        }

    def _server(self, place: Place, port: int) -> dict[str, object]:
        relay = {
            "handler": "reverse_proxy",
            "upstreams": [{"dial": server} for server in place.servers],
            "load_balancing": {"selection_policy": {"policy": "round_robin"}},
            "headers": {"request": {"set": {"X-Forwarded-Port": [str(port)]}}},
            "transport": {
                "protocol": "http",
                "keep_alive": {"max_idle_conns_per_host": 64},
                "compression": False,
            },
        }
        return {
            "listen": [f"127.0.0.1:{port}"],
            "protocols": ["h1"],
            "routes": [{"handle": [relay]}],
            "automatic_https": {"disable": True},
        }

    def _tls_server(self, place: Place) -> dict[str, object]:
        return {**self._server(place, place.tls), "tls_connection_policies": [{}]}
