from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import Unhealthy
from revproxy.testing import StandInTarget, TalkingHealthCheckerContract
from revproxy_sample.health import RedisPing


class RedisPingContractTests(TalkingHealthCheckerContract, SynchronousTestCase):
    healthy_answer = b"+PONG\r\n"

    def make_checker(self) -> RedisPing:
        return RedisPing(6379)


class RedisPingTests(SynchronousTestCase):
    def test_asked(self) -> None:
        """
        It asks Redis, not the server's own port.
        """
        target = StandInTarget()
        RedisPing(6380).check(target)
        self.assertEqual((target.accept().heard, target.ports), (b"PING\r\n", [6380]))

    def test_loading(self) -> None:
        """
        Where Redis does not answer as it should, it is told what it said.
        """
        target = StandInTarget()
        checking = RedisPing(6379).check(target)
        target.accept().say(b"-LOADING Redis is loading\r\n")
        target.turn()
        said = str(self.failureResultOf(checking, Unhealthy).value)
        self.assertEqual(said, "Redis said b'-LOADING Redis is loading\\r\\n'")
