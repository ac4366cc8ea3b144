"""
C{type: tcp}: a server is well that can be connected to, and says what it should.
"""

from __future__ import annotations

from typing import Final

from twisted.internet.defer import Deferred
from zope.interface import implementer

from revproxy.components.health.conversation import Conversation
from revproxy.config.health_checks import HealthCheckSettings
from revproxy.config.patterns import Octets
from revproxy.errors import Unhealthy
from revproxy.interfaces import IHealthChecker, IProbeTarget
from revproxy.registry import Environment, component, option

MOST_HEARD: Final = 65536
"""
Octets of an answer in which a text is looked for.
"""

_MOST_REPEATED: Final = 60


class TcpCheckSettings(HealthCheckSettings):
    """
    A server is well that can be connected to.
    """

    port: int | None = option(None, "The port, in place of the server's own.", ge=1, le=65535)
    send: Octets | None = option(None, "What is sent once connected; null for nothing.")
    expect: Octets | None = option(
        None, "What has to be in the first 64 KiB that the server says; null to listen to nothing."
    )


class _Expected:
    """
    Waits for a text.
    """

    def __init__(self, expected: bytes) -> None:
        self._expected = expected
        self._heard = b""

    def hear(self, data: bytes) -> str | None:
        """
        Implement L{Answer.hear}.
        """
        self._heard += data[: MOST_HEARD - len(self._heard)]
        if self._expected in self._heard:
            return f"said {_shown(self._expected)}"
        if len(self._heard) == MOST_HEARD:
            raise Unhealthy(f"did not say {_shown(self._expected)}; {self.so_far()}")
        return None

    def ended(self) -> str:
        """
        Implement L{Answer.ended}.
        """
        said = self.so_far() or "it said nothing"
        raise Unhealthy(f"closed the connection and did not say {_shown(self._expected)}; {said}")

    def so_far(self) -> str:
        """
        Implement L{Answer.so_far}.
        """
        return f"it said {_shown(self._heard)}" if self._heard else ""


def _shown(octets: bytes) -> str:
    cut = octets[:_MOST_REPEATED].decode("latin-1")
    return repr(cut) if len(octets) <= _MOST_REPEATED else f"{cut!r}..."


@implementer(IHealthChecker)
class TcpCheck:
    """
    Connects, says something where it is to, listens where it is to, and closes the connection.
    """

    def __init__(
        self, port: int | None = None, send: bytes | None = None, expect: bytes | None = None
    ) -> None:
        """
        @param port: in place of the server's own.
        """
        self._port = port
        self._send = send or b""
        self._expect = expect

    def check(self, target: IProbeTarget) -> Deferred[str]:
        """
        Implement L{IHealthChecker.check}.
        """
        answer = None if self._expect is None else _Expected(self._expect)
        return Conversation(self._send, answer).begin(target, self._port)


@component(TcpCheckSettings)
def tcp_check(settings: TcpCheckSettings, environment: Environment) -> TcpCheck:
    """
    Make the check of one upstream.
    """
    return TcpCheck(settings.port, settings.send, settings.expect)
