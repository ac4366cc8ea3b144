"""
The embedded default: two small servers in the same process to relay to.
"""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger
from typing_extensions import override

from revproxy.embedded import PORTS, demonstration_site, embedded_configuration, own_certificate

_NAMES = ("one", "two")


class Demonstration(Service):
    """
    Two servers on free ports of this machine.

    The ports are bound at once, because their numbers are part of the configuration;
    the reactor knows of them when the service starts, in the process that goes on
    after C{twistd} has forked.
    """

    _log = Logger()

    def __init__(self, state: Path, reactor: Any, ports: tuple[int, int] = PORTS) -> None:
        """
        @param state: where the certificate is kept.
        @param ports: where the proxy in front of the two listens, for HTTP and for TLS.
        @raise RevproxyError: it cannot be kept there.
        """
        self._reactor = reactor
        self._front = ports
        self._certificate, self._key = own_certificate(state, datetime.now(UTC))
        self._sockets = [socket.create_server(("127.0.0.1", 0)) for _ in _NAMES]
        self._ports: list[IListeningPort] = []

    def configuration(self) -> dict[str, object]:
        """
        @return: what relays to the two, in the shape of a configuration file.
        """
        urls = [f"http://127.0.0.1:{bound.getsockname()[1]}" for bound in self._sockets]
        return embedded_configuration(self._certificate, self._key, urls, self._front)

    @override
    def startService(self) -> None:
        super().startService()
        for name, bound in zip(_NAMES, self._sockets, strict=True):
            bound.setblocking(False)
            site = demonstration_site(name, self._reactor)
            self._ports.append(self._reactor.adoptStreamPort(bound.fileno(), bound.family, site))
            bound.close()  # the reactor has a duplicate of its own
        plain, secure = self._front
        self._log.info(
            "to see the proxy at work open http://127.0.0.1:{plain} or https://127.0.0.1:{secure}",
            plain=plain,
            secure=secure,
        )

    @override
    def stopService(self) -> Deferred[Any]:
        super().stopService()
        for bound in self._sockets:
            bound.close()
        return DeferredList([maybeDeferred(port.stopListening) for port in self._ports])
