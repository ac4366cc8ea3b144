"""
Tests of L{revproxy.flow.relay}: leaving HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence

from revproxy.errors import UpstreamMalformed
from revproxy.exchange import Response
from revproxy.flow.pool.terms import UpstreamTerms
from revproxy.wire.fields import Fields, Pair
from revproxy.wire.upgrade import websocket_accept
from tests.fakes import a_response, an_exchange
from tests.flow.relay_case import RelayCase
from tests.flow.tunnel_ends import SwitchingDownstream, TunnelConnection
from tests.flow.upstream_side import RecordingConnection, an_upstream

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = (b"sec-websocket-accept", websocket_accept(KEY))
UPGRADE = (b"connection", b"Upgrade")
WEBSOCKET = (b"upgrade", b"websocket")


class SwitchCase(RelayCase):
    def setUp(self) -> None:
        super().setUp()
        self.client = self.leaving = SwitchingDownstream(self.clock)
        self.server = TunnelConnection(self.clock)

    def ask(self, token: bytes | None = b"websocket", method: bytes = b"GET") -> RecordingConnection:
        """
        A request that asks to leave HTTP goes to the server.
        """
        fields = [UPGRADE, WEBSOCKET, (b"sec-websocket-key", KEY)]
        self.relay = self.relayed(an_exchange(self.client, method, fields=fields, upgrade=token))
        return self.one.client.accept()

    def switch(self, connection: RecordingConnection, *fields: Pair) -> None:
        """
        The server leaves HTTP.
        """
        connection.answer.answer_switched(Response(101, b"", Fields(fields), None), self.server.end)


class SwitchTests(SwitchCase):
    def opened(self) -> None:
        self.switch(self.ask(), UPGRADE, WEBSOCKET, ACCEPT)
        self.assertEqual(self.client.calls, ["switch"])

    def test_tunnel(self) -> None:
        """
        Pitfall 34: after a 101 that answers the request, octets go through both ways.
        """
        self.opened()
        self.leaving.connection.send(b"ping")
        self.server.send(b"pong")
        self.assertEqual((self.server.received, self.leaving.connection.received), (b"ping", b"pong"))
        self.leaving.connection.leave()

    def test_server_counts_as_busy(self) -> None:
        """
        The server is busy with the tunnel until both its ends are gone.
        """
        self.opened()
        self.leaving.connection.finish()
        self.assertEqual(self.one.server.active, 1)
        self.server.finish()
        self.assertEqual(self.one.server.active, 0)

    def test_idle(self) -> None:
        """
        Pitfall 44: a tunnel in which nothing moves ends after the upstream's time.
        """
        self.opened()
        self.clock.advance(self.upstream.timeouts.tunnel_idle)
        self.clock.advance(0)
        self.assertEqual((self.leaving.connection.reset, self.server.reset), (True, True))

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: when the exchange is given up, the tunnel is.
        """
        self.opened()
        self.relay.client_left()
        self.clock.advance(0)
        self.assertEqual((self.leaving.connection.reset, self.server.reset), (True, True))

    def test_asked(self) -> None:
        """
        The server is asked for just the protocol that the client asked for.
        """
        connection = self.ask()
        self.assertEqual(connection.upgrade, b"websocket")
        self.relay.client_left()


class NoSwitchTests(SwitchCase):
    def tearDown(self) -> None:
        self.leaving.connection.leave()
        self.server.leave()
        super().tearDown()

    def test_invalid(self) -> None:
        """
        Pitfall 34: a 101 that does not answer just this request opens nothing: the
        client gets a 502 and the connection is reset.
        """
        other = (b"upgrade", b"h2c")
        answers: list[Sequence[Pair]] = [
            (), (UPGRADE, WEBSOCKET), (UPGRADE, ACCEPT), (WEBSOCKET, ACCEPT), (UPGRADE, other, ACCEPT),
            (UPGRADE, WEBSOCKET, other, ACCEPT), (UPGRADE, WEBSOCKET, ACCEPT, ACCEPT),
            (UPGRADE, WEBSOCKET, (b"sec-websocket-accept", b"AAAA")),
            (UPGRADE, (b"upgrade", b"websocket, h2c"), ACCEPT),
        ]  # fmt: skip
        for fields in answers:
            self.setUp()
            connection = self.ask()
            self.switch(connection, *fields)
            self.assertEqual((self.client.calls, self.status()), (["refuse"], 502), fields)
            self.assertIsInstance(self.exchange.error, UpstreamMalformed)
            self.assertEqual((connection.calls[-1], self.server.reset), ("drop", True))
            self.assertEqual(self.one.server.active, 0)

    def test_unasked(self) -> None:
        """
        Pitfall 34: a 101 that nobody asked for opens nothing, be it ever so well formed.
        """
        for token, method in [(None, b"GET"), (b"websocket", b"POST"), (b"other", b"GET")]:
            self.setUp()
            connection = self.ask(token, method)
            self.assertIsNone(connection.upgrade)
            self.switch(connection, UPGRADE, WEBSOCKET, ACCEPT)
            self.assertEqual((self.client.calls, self.status()), (["refuse"], 502))

    def test_not_allowed(self) -> None:
        """
        Pitfall 34: where the upstream may not leave HTTP, the request is an ordinary one.
        """
        self.upstream = an_upstream(
            [self.one.server, self.two.server], terms=UpstreamTerms(upgrades=frozenset())
        )
        connection = self.ask()
        self.assertIsNone(connection.upgrade)
        self.answered(connection)

    def test_declined(self) -> None:
        """
        A server may answer as usual; the client gets that answer.
        """
        connection = self.ask()
        connection.answer.answer_begun(a_response(426))
        connection.answer.answer_ended(())
        self.assertEqual((self.status(), self.client.calls), (426, ["begin", "end"]))
