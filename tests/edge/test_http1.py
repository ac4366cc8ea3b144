"""
Tests of L{revproxy.edge.http1}: one exchange after another, and how they end.
"""

from __future__ import annotations

from zope.interface import implementer

from revproxy.edge.http1_settings import Http1Settings
from revproxy.exchange import Exchange, Reply
from revproxy.flow.pool.server import ConnectionLimits
from revproxy.interfaces import IRequestFilter
from tests.edge.memory import MemoryConnection
from tests.edge.proxied import GET, OK, ProxiedTestCase, post, refused, undated

LAST_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


@implementer(IRequestFilter)
class Impatient:
    """
    A filter during which the client sends on.
    """

    client: MemoryConnection

    def filter_request(self, exchange: Exchange) -> None:
        self.client.send(b"cde")


class ArrivalTests(ProxiedTestCase):
    """
    What comes while an answer is sought.
    """

    def test_body_goes_on(self) -> None:
        """
        More of a body, heard of before it is known who receives it, is not lost and comes
        in order.
        """
        impatient = Impatient()
        self.start(request_filters=[impatient])
        impatient.client = self.client
        self.client.send(post(5, b"ab"))
        self.assertTrue(self.proxied.origin.received.endswith(b"\r\n\r\nabcde"))
        self.proxied.origin.send(OK)
        self.assertEqual(self.proxied.statuses, [200])


@implementer(IRequestFilter)
class Talkative:
    """
    A filter that answers at once, and at length.
    """

    REPLY = Reply(200, [], b"x" * 100_000)

    def filter_request(self, exchange: Exchange) -> Reply:
        return self.REPLY


class PipeliningTests(ProxiedTestCase):
    """
    Pitfall 26: requests of a client that does not read.
    """

    def setUp(self) -> None:
        self.start(request_filters=[Talkative()], slow_reader_timeout=60.0, idle_timeout=10.0)

    def test_wait(self) -> None:
        """
        As long as the client has to read before more is written, the next one waits; all are
        answered in the end.
        """
        self.client.stall()
        self.client.send(GET * 20)
        self.assertEqual(len(self.proxied.statuses), 1)
        self.proxied.advance(30)
        self.client.send(GET * 20)
        self.client.take()
        self.assertEqual(self.proxied.statuses, [200] * 40)
        self.assertEqual(self.client.received.count(b"x" * 100_000), 40)

    def test_idle_again(self) -> None:
        """
        Then the connection is idle as any other.
        """
        self.client.stall()
        self.client.send(GET * 2)
        self.client.take()
        self.proxied.advance(9)
        self.assertFalse(self.client.gone)
        self.proxied.advance(1)
        self.assert_nothing_left()

    def test_part_of_a_head(self) -> None:
        """
        A head of which a part has waited has to come in time.
        """
        self.client.stall()
        self.client.send(GET + GET[:10])
        self.client.take()
        self.client.send(GET[10:])
        self.assertEqual(self.proxied.statuses, [200] * 2)

    def test_never_read(self) -> None:
        """
        A client that never reads is given up.
        """
        self.client.stall()
        self.client.send(GET * 2)
        self.proxied.advance(60)
        self.assert_nothing_left()


class PersistenceTests(ProxiedTestCase):
    """
    How many requests a connection carries.
    """

    def test_one_after_another(self) -> None:
        """
        A connection carries many exchanges, and each is counted once.
        """
        self.start()
        for _ in range(3):
            self.ask()
        self.assertEqual(undated(self.client.received), OK * 3)
        self.assertEqual(self.proxied.statuses, [200, 200, 200])
        self.assertEqual(len(self.proxied.origins), 1)

    def test_reason_of_a_refusal(self) -> None:
        """
        The operator is told what the client is not: why its request was refused.
        """
        self.start()
        self.client.send(b"GET /x HTTP/1.1\r\n\r\n")
        (exchange,) = self.proxied.finished
        self.assertEqual(exchange.why, ["400 BadRequest: not exactly one Host"])
        self.assertEqual((exchange.request.method, exchange.request.path), (b"GET", b"/x"))
        self.assertNotIn(b"Host", self.client.received)

    def test_most_requests(self) -> None:
        """
        The last request that a connection may carry is answered with C{close}.
        """
        self.start(most_requests=2)
        for _ in range(2):
            self.ask()
        self.assertEqual(undated(self.client.received), OK + LAST_OK)
        self.assert_nothing_left()

    def test_client_says_close(self) -> None:
        """
        A client that wants no more has its connection closed, with the answer.
        """
        self.start()
        self.ask(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n")
        self.assertEqual(undated(self.client.received), LAST_OK)
        self.assertFalse(self.client.reset)
        self.assert_nothing_left()

    def test_closes_once_all_is_sent(self) -> None:
        """
        A connection is not closed before the answer is sent, but does not wait for ever.
        """
        self.start(slow_reader_timeout=60.0)
        self.client.stall()
        self.ask(b"GET / HTTP/1.0\r\n\r\n")
        self.proxied.advance(59)
        self.assertFalse(self.client.gone)
        self.proxied.advance(1)
        self.assert_nothing_left()

    def test_most_connections(self) -> None:
        """
        A connection too many is closed at once, and makes no room for another.
        """
        self.start(most_connections=1)
        others = [self.proxied.client(), self.proxied.client()]
        self.assertEqual([(each.gone, each.received) for each in others], [(True, b"")] * 2)
        self.ask()
        self.assertEqual(undated(self.client.received), OK)
        self.client.leave()
        self.client = self.proxied.client()
        self.ask()
        self.assertEqual(undated(self.client.received), OK)


class EarlyAnswerTests(ProxiedTestCase):
    """
    Pitfall 2: answers that come before the body of their request.
    """

    def test_server_is_not_used_again(self) -> None:
        """
        Pitfall 2: a server's connection with half a request on it carries no other, and the
        rest of the body is no request of the client.
        """
        self.start()
        self.ask(post(len(GET), GET[:5]))
        first = self.proxied.origin
        self.assertTrue(first.reset)
        self.client.send(GET[5:] + GET)
        self.assertEqual(len(self.proxied.origins), 2)
        self.assertTrue(first.received.endswith(b"\r\n\r\nGET /"))
        self.assertEqual(self.proxied.origin.received, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")

    def test_whole_body_unread_by_nobody(self) -> None:
        """
        Pitfall 2: where the body was sent whole before the answer, both connections go on.
        """
        self.start()
        self.client.send(post(3))
        self.client.send(b"abc")
        self.proxied.origin.send(OK)
        self.assertEqual(undated(self.client.received), OK)
        self.assertFalse(self.proxied.origin.gone)
        self.assertTrue(self.client.open)

    def test_streams_on_after_the_answer_began(self) -> None:
        """
        An answer that begins early does not keep the rest of the body from the server.
        """
        self.start()
        self.client.send(post(6, b"abc"))
        self.proxied.origin.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        self.client.send(b"def")
        self.assertTrue(self.proxied.origin.received.endswith(b"\r\n\r\nabcdef"))
        self.proxied.origin.send(b"k")
        self.assertEqual(undated(self.client.received), OK)
        self.assertFalse(self.proxied.origin.gone)

    def test_malformed_rest(self) -> None:
        """
        Pitfall 2: where the rest of the body is malformed nobody knows where it ends, so the
        connection does.
        """
        self.start()
        self.ask(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        self.client.send(b"x\r\n" + GET)
        self.assertEqual(undated(self.client.received), OK)
        self.assertTrue(self.client.finished)
        self.proxied.advance(2)
        self.assert_nothing_left()

    def test_last_request(self) -> None:
        """
        Where the connection was to end anyway, the client may finish reading first.
        """
        self.start(most_requests=1)
        self.ask(post(1000, b"abc"))
        self.assertEqual(undated(self.client.received), LAST_OK)
        self.assertEqual((self.client.finished, self.client.gone), (True, False))
        self.client.send(b"def")
        self.client.finish()
        self.assertFalse(self.client.reset)
        self.assert_nothing_left()


class ServiceTests(ProxiedTestCase):
    """
    What the service asks of connections.
    """

    def drain(self) -> None:
        self.proxied.settings.draining = True
        for connection in list(self.proxied.settings.connections):
            connection.drain()
        self.proxied.advance(0)

    def test_drain_between_requests(self) -> None:
        """
        Draining closes a connection that carries nothing.
        """
        self.start()
        self.ask()
        self.drain()
        self.assertFalse(self.client.reset)
        self.assert_nothing_left()

    def test_drain_in_an_exchange(self) -> None:
        """
        Draining lets an exchange come to its end, tells the client that it is the last,
        and leaves what was pipelined behind it.
        """
        self.start()
        self.client.send(GET + GET)
        self.drain()
        self.assertFalse(self.client.gone)
        self.proxied.origin.send(OK)
        self.assertEqual(undated(self.client.received), LAST_OK)
        self.assertEqual(self.proxied.statuses, [200])
        self.assert_nothing_left()

    def test_drain_in_a_body(self) -> None:
        """
        Draining lets a body come whole.
        """
        self.start()
        self.client.send(post(6, b"abc"))
        self.drain()
        self.client.send(b"def")
        self.proxied.origin.send(OK)
        self.assertEqual(undated(self.client.received), LAST_OK)
        self.assert_nothing_left()

    def test_drain_in_an_answer(self) -> None:
        """
        An answer that began before draining comes whole, and then the connection ends.
        """
        self.start()
        self.client.send(GET)
        self.proxied.origin.send(OK[:-1])
        self.drain()
        self.proxied.origin.send(b"k")
        self.assertEqual(undated(self.client.received), OK)
        self.assert_nothing_left()

    def test_first_request_while_draining(self) -> None:
        """
        A connection that was let in just when draining began carries one exchange.
        """
        self.start()
        self.proxied.settings.draining = True
        self.ask(GET + GET)
        self.assertEqual(undated(self.client.received), LAST_OK)
        self.assertEqual(self.proxied.statuses, [200])
        self.assert_nothing_left()

    def test_drain_refused(self) -> None:
        """
        Draining does not keep a client from reading what it was refused with.
        """
        self.start()
        self.client.send(b"nonsense\r\n\r\n")
        self.drain()
        self.assertEqual(undated(self.client.received), refused(b"400 Bad Request"))
        self.assertFalse(self.client.reset)

    def test_abort(self) -> None:
        """
        What is left after a while is ended, with all that was started for it.
        """
        self.start()
        self.client.send(GET)
        for connection in list(self.proxied.settings.connections):
            connection.abort()
        self.proxied.advance(0)
        self.assertTrue(self.client.reset)
        self.assertTrue(self.proxied.origin.reset)
        self.assert_nothing_left()

    def test_take_up(self) -> None:
        """
        Other settings hold from the next request on, for the limits too.
        """
        self.start()
        self.client.send(GET)
        before = self.proxied.settings
        after = Http1Settings(
            before.clock, before.answer, before.finished, before.forwarded, before.turn, most_requests=2
        )
        for connection in list(before.connections):
            connection.take_up(after)
        self.assertEqual((len(before.connections), len(after.connections)), (0, 1))
        self.proxied.origin.send(OK)
        self.ask()
        self.assertEqual(undated(self.client.received), OK + LAST_OK)
        self.assertEqual(len(after.connections), 0)


class ServersTests(ProxiedTestCase):
    """
    Where no server answers.
    """

    def test_no_room(self) -> None:
        """
        Where the server has as many exchanges as it may, the next client gets 503.
        """
        self.start(limits=ConnectionLimits(most=1))
        self.client.send(GET)
        other = self.proxied.client()
        other.send(GET)
        self.assertTrue(other.received.startswith(b"HTTP/1.1 503 Service Unavailable\r\n"))
        self.assertTrue(other.open)
        self.proxied.origin.send(OK)
        other.send(GET)
        self.proxied.origin.send(OK)
        self.assertTrue(undated(other.received).endswith(OK))
