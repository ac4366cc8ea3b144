from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.health.tcp import MOST_HEARD, TcpCheck, TcpCheckSettings
from revproxy.errors import Unhealthy
from revproxy.testing import HealthCheckerContract, StandInTarget, TalkingHealthCheckerContract
from tests.components.health.checks import CheckFileTestCase


class TcpCheckContractTests(HealthCheckerContract, SynchronousTestCase):
    @override
    def make_checker(self) -> TcpCheck:
        return TcpCheck()


class TalkingTcpCheckContractTests(TalkingHealthCheckerContract, SynchronousTestCase):
    healthy_answer = b"+PONG\r\n"

    @override
    def make_checker(self) -> TcpCheck:
        return TcpCheck(send=b"PING\r\n", expect=b"PONG")


class TcpCheckTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.target = StandInTarget()

    def expecting(self, expect: bytes) -> Deferred[str]:
        return TcpCheck(expect=expect).check(self.target)

    def said(self, checking: Deferred[str]) -> str:
        return str(self.failureResultOf(checking, Unhealthy).value)

    def test_connected(self) -> None:
        """
        Where nothing is to be heard, having connected is enough, and nothing is said.
        """
        checking = TcpCheck().check(self.target)
        connection = self.target.accept()
        self.assertEqual(self.successResultOf(checking), "connected")
        self.assertEqual((connection.heard, connection.open), (b"", False))

    def test_in_good_order(self) -> None:
        """
        The connection is closed, not reset: servers would log that as a client's error.
        """
        TcpCheck().check(self.target)
        self.assertFalse(self.target.accept().disconnected)

    def test_port(self) -> None:
        """
        Another port than the server's own may be checked.
        """
        TcpCheck().check(self.target)
        TcpCheck(port=9001).check(self.target)
        self.assertEqual(self.target.ports, [None, 9001])

    def test_secure(self) -> None:
        """
        Over TLS the handshake has to go well first.
        """
        checking = TcpCheck(send=b"QUIT\r\n").check(self.target)
        connection = self.target.accept(secure=True)
        self.assertNoResult(checking)
        connection.shake_hands()
        self.assertEqual(self.successResultOf(checking), "connected")
        self.assertEqual((connection.heard, connection.open), (b"QUIT\r\n", False))

    def test_secure_is_not_waited_for(self) -> None:
        """
        Nobody waits for the server to close a TLS connection, too.
        """
        TcpCheck().check(self.target)
        connection = self.target.accept(secure=True)
        connection.shake_hands()
        self.assertTrue(connection.disconnected)

    def test_handshake_failed(self) -> None:
        """
        A handshake that fails is told with its reason.
        """
        checking = TcpCheck().check(self.target)
        self.target.accept(secure=True).end(ValueError("wrong certificate"))
        self.failureResultOf(checking, ValueError)

    def test_sent(self) -> None:
        """
        What is to be sent is, once connected.
        """
        TcpCheck(send=b"PING\r\n", expect=b"PONG").check(self.target)
        self.assertEqual(self.target.accept().heard, b"PING\r\n")

    def test_expected(self) -> None:
        """
        A text is found wherever it is in what the server says, and told.
        """
        checking = self.expecting(b"PONG")
        connection = self.target.accept()
        connection.say(b"hello ")
        self.assertNoResult(checking)
        connection.say(b"PONG\r\n")
        self.assertEqual(self.successResultOf(checking), "said 'PONG'")

    def test_closed_without_it(self) -> None:
        """
        A server that closes without having said it is told of with what it said.
        """
        for words, told in {b"-ERR\r\n": "it said '-ERR\\r\\n'", b"": "it said nothing"}.items():
            checking = self.expecting(b"PONG")
            connection = self.target.accept()
            connection.say(words)
            connection.close()
            self.assertEqual(self.said(checking), f"closed the connection and did not say 'PONG'; {told}")

    def test_too_late(self) -> None:
        """
        So is one that says something else and then nothing, when the time is over.
        """
        checking = self.expecting(b"PONG")
        self.target.accept().say(b"x" * 100)
        checking.cancel()
        self.assertEqual(self.said(checking), f"too late: it said '{'x' * 60}'...")

    def test_no_longer_than_that(self) -> None:
        """
        The text is looked for in the beginning of what a server says, which is bounded.
        """
        checking = self.expecting(b"PONG")
        connection = self.target.accept()
        connection.say(b"x" * (MOST_HEARD - 4) + b"PONG")
        self.assertEqual(self.successResultOf(checking), "said 'PONG'")
        checking = self.expecting(b"PONG")
        connection = self.target.accept()
        connection.say(b"x" * (MOST_HEARD - 3) + b"PONG")
        self.assertSubstring("did not say 'PONG'", self.said(checking))
        self.assertFalse(connection.open)

    def test_connected_too_late(self) -> None:
        """
        A connection that comes about although it was given up is not used.
        """
        checker, target = TcpCheck(send=b"PING"), Stubborn()
        checking = checker.check(target)
        checking.cancel()
        self.failureResultOf(checking)
        connection = target.accept()
        self.assertEqual((connection.heard, connection.open), (b"", False))


class Stubborn(StandInTarget):
    """
    Connects although that was given up.
    """

    @override
    def _given_up(self, attempt: object) -> None:
        pass


class TcpCheckSettingsTests(CheckFileTestCase):
    def test_options(self) -> None:
        """
        What is sent and expected is text, with the escapes of YAML.
        """
        settings = self.settings(TcpCheckSettings, r'tcp, port: 9001, send: "PING\r\n", expect: é')
        chosen = settings.model_dump(include={"port", "send", "expect"})
        self.assertEqual(chosen, {"port": 9001, "send": b"PING\r\n", "expect": b"\xc3\xa9"})

    def test_wrong(self) -> None:
        """
        Texts that are none, or empty, and ports that there are not, are refused.
        """
        self.assertEqual(self.said("tcp, send: 5"), ["send: must be text, not 5; write it in quotes"])
        self.assertEqual(
            self.said('tcp, expect: ""'), ["expect: must be a text of at least 1 and at most 4096 bytes"]
        )
        self.assertEqual(self.said("tcp, port: 65536"), ["port: must be at most 65535, not 65536"])
