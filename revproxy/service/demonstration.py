"""
The embedded default: two small servers in the same process to relay to.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from typing_extensions import override

from revproxy.embedded import demonstration_site, embedded_configuration, own_certificate

_NAMES = ("one", "two")


class Demonstration(Service):
    """
    Two servers on free ports of this machine.
    """

    def __init__(self, state: Path, reactor: Any) -> None:
        """
        @param state: where the certificate is kept.
        """
        self._certificate, self._key = own_certificate(state, datetime.now(UTC))
        self._ports = [
            reactor.listenTCP(0, demonstration_site(name, reactor), interface="127.0.0.1") for name in _NAMES
        ]

    def configuration(self) -> dict[str, object]:
        """
        @return: what relays to the two, in the shape of a configuration file.
        """
        urls = [f"http://127.0.0.1:{port.getHost().port}" for port in self._ports]
        return embedded_configuration(self._certificate, self._key, urls)

    @override
    def stopService(self) -> Deferred[object]:
        super().stopService()
        return DeferredList([maybeDeferred(port.stopListening) for port in self._ports])
