"""
Tests of L{revproxy.wire.upgrade}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import BadRequest
from revproxy.wire.fields import Pair
from revproxy.wire.upgrade import WEBSOCKET, asked_upgrade, may_switch, upgrade_answered, websocket_accept

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # the sample of RFC 6455 section 1.3, like its answer
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def asking(upgrade: bytes, connection: bytes = b"Upgrade", key: bytes | None = KEY) -> list[Pair]:
    keys = [] if key is None else [(b"sec-websocket-key", key)]
    return [(b"host", b"a"), (b"connection", connection), (b"upgrade", upgrade), *keys]


class AskedUpgradeTests(SynchronousTestCase):
    def test_websocket(self) -> None:
        """
        A WebSocket is asked for in any case, beside other connection options, and with
        a body of no octets.
        """
        for pairs in [
            asking(b"websocket"),
            asking(b"WebSocket", b"keep-alive, Upgrade"),
            asking(b"websocket", b"upgrade"),
        ]:
            self.assertEqual(asked_upgrade(pairs, b"1.1", None), WEBSOCKET)
        self.assertEqual(asked_upgrade(asking(b"websocket"), b"1.1", 0), WEBSOCKET)

    def test_ordinary_requests(self) -> None:
        """
        RFC 9110 section 7.8: without both fields, or before HTTP/1.1, a request asks
        for nothing.
        """
        self.assertIsNone(asked_upgrade([(b"host", b"a")], b"1.1", None))
        self.assertIsNone(asked_upgrade([(b"connection", b"upgrade")], b"1.1", None))
        self.assertIsNone(asked_upgrade([(b"upgrade", b"websocket")], b"1.1", 3))
        self.assertIsNone(asked_upgrade(asking(b"websocket", b"keep-alive"), b"1.1", None))
        self.assertIsNone(asked_upgrade(asking(b"websocket"), b"1.0", None))
        self.assertIsNone(asked_upgrade(asking(b""), b"1.1", None))

    def test_other_versions_of_http(self) -> None:
        """
        Pitfall 35: an upgrade to another version of HTTP, or to TLS, is not asked for,
        whatever it is called.
        """
        for upgrade in [b"h2c", b"H2C", b"h2", b"h2c-14", b"h3", b"HTTP/2.0", b"TLS/1.0", b"h2c, HTTP/2.0"]:
            self.assertIsNone(asked_upgrade(asking(upgrade), b"1.1", None), upgrade)

    def test_first_of_a_list(self) -> None:
        """
        Of several protocols the first that is no version of HTTP is asked for.
        """
        self.assertEqual(asked_upgrade(asking(b"h2c, websocket"), b"1.1", None), WEBSOCKET)
        self.assertEqual(asked_upgrade(asking(b"x/1, websocket"), b"1.1", None), b"x/1")

    def test_with_a_body(self) -> None:
        """
        Pitfalls 34 and 35: a request that asks for any upgrade and has a body is
        refused: nothing may come before the tunnel.
        """
        for upgrade in (b"websocket", b"h2c", b"x"):
            for length in (3, -1):
                self.assertRaises(BadRequest, asked_upgrade, asking(upgrade), b"1.1", length)

    def test_websocket_keys(self) -> None:
        """
        Pitfall 34: the key of a WebSocket is one, and 16 octets long (RFC 6455 section
        4.2.1).
        """
        for key in [None, b"", b"a", KEY[:-1], KEY + b"=", b"A" * 24, KEY[:-3] + b"R==", b"-" + KEY[1:]]:
            self.assertRaises(BadRequest, asked_upgrade, asking(b"websocket", key=key), b"1.1", None)
        twice = [*asking(b"websocket"), (b"sec-websocket-key", KEY)]
        self.assertRaises(BadRequest, asked_upgrade, twice, b"1.1", None)


class MaySwitchTests(SynchronousTestCase):
    def test_only_allowed_protocols(self) -> None:
        """
        Pitfall 34: a protocol becomes a tunnel only where the upstream allows it.
        """
        self.assertTrue(may_switch(WEBSOCKET, b"GET", (WEBSOCKET,)))
        self.assertTrue(may_switch(b"x", b"POST", (WEBSOCKET, b"x")))
        self.assertFalse(may_switch(b"x", b"GET", (WEBSOCKET,)))
        self.assertFalse(may_switch(WEBSOCKET, b"GET", ()))

    def test_websocket_takes_get(self) -> None:
        """
        Pitfall 34, RFC 6455 section 4.1: a WebSocket begins with GET.
        """
        self.assertFalse(may_switch(WEBSOCKET, b"POST", (WEBSOCKET,)))


class UpgradeAnsweredTests(SynchronousTestCase):
    def test_right_answer(self) -> None:
        """
        A 101 that names the protocol and proves that it saw the key is right.
        """
        answer = [(b"connection", b"upgrade"), (b"upgrade", b"WebSocket"), (b"sec-websocket-accept", ACCEPT)]
        self.assertTrue(upgrade_answered(WEBSOCKET, asking(b"websocket"), answer))

    def test_other_protocols(self) -> None:
        """
        A protocol that is no WebSocket needs no proof.
        """
        answer = [(b"connection", b"upgrade"), (b"upgrade", b"x")]
        self.assertTrue(upgrade_answered(b"x", asking(b"x", key=None), answer))

    def test_wrong_answers(self) -> None:
        """
        Pitfall 34: a 101 that does not answer the request it follows opens no tunnel.
        """
        connection, upgrade, accept = (
            (b"connection", b"Upgrade"),
            (b"upgrade", b"websocket"),
            (b"sec-websocket-accept", ACCEPT),
        )
        for answer in [
            [],
            [upgrade, accept],
            [connection, accept],
            [connection, upgrade],
            [(b"connection", b"close"), upgrade, accept],
            [connection, (b"upgrade", b"h2c"), accept],
            [connection, (b"upgrade", b"websocket, h2c"), accept],
            [connection, upgrade, upgrade, accept],
            [connection, upgrade, accept, accept],
            [connection, upgrade, (b"sec-websocket-accept", b"")],
            [connection, upgrade, (b"sec-websocket-accept", ACCEPT.lower())],
            [connection, upgrade, (b"sec-websocket-accept", websocket_accept(b"A" * 22 + b"=="))],
        ]:
            self.assertFalse(upgrade_answered(WEBSOCKET, asking(b"websocket"), answer), answer)


class WebsocketAcceptTests(SynchronousTestCase):
    def test_sample_of_the_standard(self) -> None:
        """
        RFC 6455 section 1.3: the sample key has the sample answer.
        """
        self.assertEqual(websocket_accept(KEY), ACCEPT)
