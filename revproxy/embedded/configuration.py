"""
Configurations that need no file, in the shape of one.

They are not checked here: the models find a bad endpoint or URL as they would in a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

PORTS = (8080, 8443)
"""
Where the demonstration listens for HTTP and for TLS.
"""


def embedded_configuration(
    certificate: Path, key: Path, servers: Sequence[str], ports: tuple[int, int] = PORTS
) -> dict[str, object]:
    """
    Listen on this machine alone, and relay to the demonstration servers.

    @param certificate: for the TLS listener, in PEM; C{key} is its private key.
    @param servers: the URLs of the demonstration servers.
    @param ports: for HTTP and for TLS.
    """
    plain, secure = ports
    tls = {"certificates": [{"certificate": str(certificate), "key": str(key)}]}
    return {
        "listeners": {
            "web": {"endpoint": f"tcp:{plain}:interface=127.0.0.1"},
            "secure": {"endpoint": f"tcp:{secure}:interface=127.0.0.1", "tls": tls},
        },
        "upstreams": {"demonstration": {"servers": list(servers)}},
        "routes": [{"path": "/", "upstream": "demonstration"}],
    }


def quick_configuration(from_: str, to: Sequence[str]) -> dict[str, object]:
    """
    Relay everything from one endpoint to some servers.

    @param from_: what C{--from} says, a server endpoint string.
    @param to: what each C{--to} says, the URL of a server.
    """
    return {
        "listeners": {"web": {"endpoint": from_}},
        "upstreams": {"app": {"servers": list(to)}},
        "routes": [{"path": "/", "upstream": "app"}],
    }


def quick_option(key: str) -> str:
    """
    @param key: the dotted path of a key in what L{quick_configuration} gives.
    @return: the option that it comes from.
    """
    return "--from" if key.startswith("listeners.") else "--to"
