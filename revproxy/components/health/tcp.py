"""
C{type: tcp}: a server is well that can be connected to.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer

from revproxy.config.health_checks import HealthCheckSettings
from revproxy.interfaces import IHealthChecker, IProbeTarget
from revproxy.registry import Environment, component, option


class TcpCheckSettings(HealthCheckSettings):
    """
    A server is well that can be connected to.
    """

    port: int | None = option(None, "The port, in place of the server's own.", ge=1, le=65535)


@implementer(IHealthChecker)
class TcpCheck:
    """
    Connects, and closes the connection.
    """

    def __init__(self, port: int | None = None) -> None:
        """
        @param port: in place of the server's own.
        """
        self._port = port

    def check(self, target: IProbeTarget) -> Deferred[str]:
        """
        Implement L{IHealthChecker.check}.
        """
        return target.connect(Factory.forProtocol(Protocol), self._port).addCallback(_close)


def _close(protocol: IProtocol) -> str:
    assert isinstance(protocol, Protocol) and protocol.transport is not None
    protocol.transport.abortConnection()  # type: ignore[attr-defined]
    return "connected"


@component(TcpCheckSettings)
def tcp_check(settings: TcpCheckSettings, environment: Environment) -> TcpCheck:
    """
    Make the check of one upstream.
    """
    return TcpCheck(settings.port)
