"""
Configurations that need no file, in the shape of one.

They are not checked here: the models find a bad endpoint or URL as they would in a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def embedded_configuration(certificate: Path, key: Path, servers: Sequence[str]) -> dict[str, object]:
    """
    Listen on this machine alone, and relay to the demonstration servers.

    @param certificate: for the TLS listener, in PEM; C{key} is its private key.
    @param servers: the URLs of the demonstration servers.
    """
    tls = {"certificates": [{"certificate": str(certificate), "key": str(key)}]}
    return {
        "listeners": {
            "web": {"endpoint": "tcp:8080:interface=127.0.0.1"},
            "secure": {"endpoint": "tcp:8443:interface=127.0.0.1", "tls": tls},
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
