from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IProtocol
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer

from revproxy.components.health.tcp import TcpCheck
from revproxy.errors import Unhealthy
from revproxy.interfaces import IHealthChecker, IProbeTarget
from revproxy.testing import HealthCheckerContract, TalkingHealthCheckerContract
from tests.testing.verdict import broken_by


class TalkingContract(TalkingHealthCheckerContract):
    """
    The contract for servers that are well when they say so.
    """

    healthy_answer = b"well\n"


class Listening(Protocol):
    """
    Waits for the server to say that it is well, and does all else that it should.
    """

    def __init__(self) -> None:
        self.result: Deferred[str] = Deferred(lambda result: self.let_go())
        self.heard = b""

    def let_go(self) -> None:
        assert self.transport is not None
        self.transport.loseConnection()

    @override
    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if b"well\n" in self.heard:
            self.let_go()
            self.succeed()

    def succeed(self) -> None:
        if not self.result.called:
            self.result.callback("well")

    @override
    def connectionLost(self, reason: Failure | None = None) -> None:
        if not self.result.called:
            self.result.errback(Unhealthy("it closed the connection"))


@implementer(IHealthChecker)
class Asking:
    """
    A checker with a protocol of its own.
    """

    def __init__(self, protocol: type[Listening] = Listening) -> None:
        self._factory = Factory.forProtocol(protocol)

    def check(self, target: IProbeTarget) -> Deferred[str]:
        return target.connect(self._factory).addCallback(self.connected)

    def connected(self, protocol: IProtocol) -> Deferred[str]:
        assert isinstance(protocol, Listening)
        return protocol.result


class Clinging(Listening):
    """
    Never closes its connection.
    """

    @override
    def let_go(self) -> None:
        pass


class Credulous(Listening):
    """
    Takes whatever is said for a sign of health.
    """

    @override
    def dataReceived(self, data: bytes) -> None:
        self.let_go()
        self.succeed()


class Hasty(Listening):
    """
    Looks at the first words alone.
    """

    @override
    def dataReceived(self, data: bytes) -> None:
        self.let_go()
        if not self.result.called:
            self.result.callback("well") if data == b"well\n" else self.result.errback(Unhealthy())


class Fragile(Listening):
    """
    Does not expect that the server goes.
    """

    @override
    def connectionLost(self, reason: Failure | None = None) -> None:
        pass


@implementer(IHealthChecker)
class Optimist:
    """
    Looks at nothing.
    """

    def check(self, target: IProbeTarget) -> Deferred[str]:
        return succeed("surely")


@implementer(IHealthChecker)
class Forgetful(TcpCheck):
    """
    Remembers one check.
    """

    last: Deferred[str] | None = None

    @override
    def check(self, target: IProbeTarget) -> Deferred[str]:
        self.last = self.last or super().check(target)
        return self.last


def say_nothing(seen: str) -> Any:
    return None


@implementer(IHealthChecker)
class Wordless(TcpCheck):
    """
    Does not say what it has seen.
    """

    @override
    def check(self, target: IProbeTarget) -> Deferred[str]:
        return super().check(target).addCallback(say_nothing)


class HealthCheckerContractTests(SynchronousTestCase):
    """
    Each clause of the contracts is broken by a checker that breaks it.
    """

    def broken(self, make: Callable[[], object], contract: type = TalkingContract) -> set[str]:
        return broken_by(contract, make_checker=make)

    def test_kept(self) -> None:
        """
        Checkers that keep the contracts pass.
        """
        self.assertEqual(self.broken(TcpCheck, HealthCheckerContract), set())
        self.assertEqual(self.broken(Asking), set())

    def test_no_checker(self) -> None:
        """
        What is no checker is found out.
        """
        self.assertIn("test_provides_its_interface", self.broken(object))

    def test_optimist(self) -> None:
        """
        One that looks at nothing is found out.
        """
        broken = self.broken(Optimist, HealthCheckerContract)
        self.assertLessEqual({"test_well", "test_refused", "test_not_accepted"}, broken)

    def test_wordless(self) -> None:
        """
        One that does not say what it has seen is found out.
        """
        self.assertIn("test_well", self.broken(Wordless, HealthCheckerContract))

    def test_forgetful(self) -> None:
        """
        One that mixes up its checks is found out.
        """
        broken = self.broken(Forgetful, HealthCheckerContract)
        self.assertEqual(broken, {"test_again", "test_several"})

    def test_clinging(self) -> None:
        """
        One that leaves connections open is found out, when it is cancelled, too.
        """
        broken = self.broken(partial(Asking, Clinging))
        self.assertLessEqual({"test_well", "test_silent"}, broken)
        self.assertNotIn("test_closed", broken)

    def test_credulous(self) -> None:
        """
        One that takes garbage for health is found out.
        """
        self.assertEqual(self.broken(partial(Asking, Credulous)), {"test_garbage"})

    def test_hasty(self) -> None:
        """
        One that expects its answer in one piece is found out.
        """
        self.assertEqual(self.broken(partial(Asking, Hasty)), {"test_in_pieces"})

    def test_fragile(self) -> None:
        """
        One that waits for servers that are gone is found out.
        """
        broken = self.broken(partial(Asking, Fragile))
        self.assertEqual(broken, {"test_closed", "test_reset", "test_garbage"})
