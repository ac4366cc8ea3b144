"""
C{health_check: {type: redis-ping}}: a server is well where Redis answers a PING.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from revproxy.errors import Unhealthy
from revproxy.interfaces import IHealthChecker, IProbeTarget
from revproxy.registry import Environment, HealthCheckSettings, component, option


class RedisPingSettings(HealthCheckSettings):
    """
    A server is well where Redis answers a PING.
    """

    redis_port: int = option(6379, "The port of Redis on the server.", ge=1, le=65535)


class Ping(Protocol):
    """
    Asks once.
    """

    def __init__(self) -> None:
        self.answered: Deferred[str] = Deferred(lambda answered: self.transport.abortConnection())
        self._heard = b""

    def connectionMade(self) -> None:
        self.transport.write(b"PING\r\n")

    def dataReceived(self, data: bytes) -> None:
        self._heard += data
        if len(self._heard) >= 7:
            self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._heard == b"+PONG\r\n":
            self.answered.callback("PONG")
        elif not self.answered.called:
            self.answered.errback(Unhealthy(f"Redis said {self._heard[:40]!r}"))


@implementer(IHealthChecker)
class RedisPing:
    """
    Connects to Redis and asks.
    """

    def __init__(self, port: int) -> None:
        self._port = port

    def check(self, target: IProbeTarget) -> Deferred[str]:
        """
        Implement L{IHealthChecker.check}.
        """
        connecting = target.connect(Factory.forProtocol(Ping), self._port)
        return connecting.addCallback(lambda ping: ping.answered)


@component(RedisPingSettings)
def redis_ping(settings: RedisPingSettings, environment: Environment) -> RedisPing:
    """
    Make the check of one upstream.
    """
    return RedisPing(settings.redis_port)
