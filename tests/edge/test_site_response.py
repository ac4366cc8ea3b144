"""
Tests of L{revproxy.edge.site_response}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.edge.site_response import SiteDownstream
from revproxy.errors import NoServer, UpstreamCut
from revproxy.exchange import UNKNOWN, Exchange
from revproxy.interfaces import IDownstream
from revproxy.wire.fields import Pair
from tests.edge.sites import SiteClient, SiteLeaf
from tests.fakes import a_response

GET = (b"GET / HTTP/1.1", b"Host: h")
HEAD = (b"HEAD / HTTP/1.1", b"Host: h")
GET_1_0 = (b"GET / HTTP/1.0", b"Host: h")


def without_date(written: bytes) -> bytes:
    """
    Leave out the field that changes from run to run.
    """
    return b"\r\n".join(line for line in written.split(b"\r\n") if not line.startswith(b"Date: "))


class SiteDownstreamTests(SynchronousTestCase):
    """
    What a client of a stock site is sent.
    """

    def ask(
        self,
        *lines: bytes,
        body: bytes = b"",
        answer: Callable[[Exchange], None] | None = None,
    ) -> Exchange:
        self.leaf = SiteLeaf(answer)
        self.client = SiteClient(self.leaf)
        self.client.send(*lines, body=body)
        self.downstream = cast(SiteDownstream, self.leaf.exchanges[0].downstream)
        return self.leaf.exchanges[0]

    def take(self) -> bytes:
        return without_date(self.client.take())

    def test_interface(self) -> None:
        """
        It is an L{IDownstream}.
        """
        self.ask(*GET)
        verifyObject(IDownstream, self.downstream)

    def test_known_length(self) -> None:
        """
        A body of a known length is sent with it; nothing is added to the fields but
        what HTTP asks for.
        """
        self.ask(*GET)
        self.downstream.begin(a_response(200, [(b"x-a", b"1"), (b"content-type", b"a/b")], 5))
        self.downstream.write(b"he")
        self.downstream.write(b"llo")
        self.downstream.end()
        self.assertEqual(
            self.take(), b"HTTP/1.1 200 \r\nX-A: 1\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nhello"
        )

    def test_unknown_length(self) -> None:
        """
        A body of an unknown length is sent in chunks; no type is guessed.
        """
        self.ask(*GET)
        self.downstream.begin(a_response())
        self.downstream.write(b"hello")
        self.downstream.end([(b"x-trailer", b"1")])
        self.assertEqual(
            self.take(), b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        )

    def test_http_1_0(self) -> None:
        """
        To an HTTP/1.0 client the end of the connection ends such a body.
        """
        self.ask(*GET_1_0)
        self.downstream.begin(a_response())
        self.downstream.write(b"hello")
        self.downstream.end()
        self.assertEqual(self.take(), b"HTTP/1.0 200 \r\n\r\nhello")
        self.assertTrue(self.client.transport.disconnecting)

    def test_repeated_fields(self) -> None:
        """
        Repeated fields stay apart and in order, cookies among them.
        """
        fields = [(b"set-cookie", b"a=1"), (b"link", b"<x>"), (b"set-cookie", b"b=2"), (b"link", b"<y>")]
        self.ask(*GET)
        self.downstream.begin(a_response(200, fields, 0))
        self.downstream.end()
        written = self.take()
        self.assertIn(b"Link: <x>\r\nLink: <y>\r\n", written)
        self.assertIn(b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", written)

    def test_cookies_of_the_site_stay(self) -> None:
        """
        A cookie that the site has set, for a session of its own, is not lost.
        """
        self.ask(*GET)
        self.leaf.requests[0].addCookie(b"session", b"1")
        self.downstream.begin(a_response(200, [(b"set-cookie", b"a=1")], 0))
        self.downstream.end()
        self.assertIn(b"Set-Cookie: session=1\r\nSet-Cookie: a=1\r\n", self.take())

    def test_date(self) -> None:
        """
        The upstream's date is kept, and one is added where there is none.
        """
        dated: list[Pair] = [(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")]
        for fields, count in ((dated, 1), ([], 1)):
            self.ask(*GET)
            self.downstream.begin(a_response(200, fields, 0))
            self.downstream.end()
            written = self.client.take()
            self.assertEqual(written.count(b"Date: "), count)
            self.assertEqual(b"1970" in written, bool(fields))

    def test_head(self) -> None:
        """
        Pitfall 12: an answer to HEAD tells the length and has no body, whatever the
        upstream sends.
        """
        self.ask(*HEAD)
        self.downstream.begin(a_response(200, (), 5))
        self.downstream.write(b"hello")
        self.downstream.end()
        self.assertEqual(self.take(), b"HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n")

    def test_no_content(self) -> None:
        """
        Pitfall 12: 204 has neither a body nor a length.
        """
        self.ask(*GET)
        self.downstream.begin(a_response(204, (), 5))
        self.downstream.write(b"hello")
        self.downstream.end()
        self.assertEqual(self.take(), b"HTTP/1.1 204 \r\n\r\n")

    def test_not_modified(self) -> None:
        """
        Pitfall 12: 304 has no body; a length is that of the body not sent.
        """
        for length, told in ((5, b"Content-Length: 5\r\n"), (None, b"")):
            self.ask(*GET)
            self.downstream.begin(a_response(304, (), length))
            self.downstream.write(b"hello")
            self.downstream.end()
            self.assertEqual(self.take(), b"HTTP/1.1 304 \r\n" + told + b"\r\n")

    def test_interim(self) -> None:
        """
        Pitfall 15: interim responses are dropped, and not taken for the answer.
        """
        self.ask(*GET)
        self.downstream.interim(103, b"Early Hints", [(b"link", b"<x>")])
        self.assertEqual(self.take(), b"")
        self.downstream.begin(a_response(200, (), 0))
        self.downstream.end()
        self.assertTrue(self.take().startswith(b"HTTP/1.1 200 "))

    def test_head_leaves_with_flush(self) -> None:
        """
        A head is held until there is something to send with it, or it is let go.
        """
        self.ask(*GET)
        self.downstream.begin(a_response(200, (), 5))
        self.assertEqual(self.take(), b"")
        self.downstream.flush()
        self.assertEqual(self.take(), b"HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n")

    def test_cut(self) -> None:
        """
        Pitfall 13: a response that will not be completed ends the connection
        without the last chunk.
        """
        exchange = self.ask(*GET)
        self.downstream.begin(a_response())
        self.downstream.write(b"hello")
        self.downstream.refuse(UpstreamCut("gone"))
        self.assertTrue(self.take().endswith(b"\r\n5\r\nhello\r\n"))
        self.assertTrue(self.client.transport.disconnected)
        self.assertIsInstance(exchange.error, UpstreamCut)

    def test_ended_too_early(self) -> None:
        """
        Pitfall 13: a body that ends before its length is cut, not passed for whole.
        """
        self.ask(*GET)
        self.downstream.begin(a_response(200, (), 6))
        self.downstream.write(b"hello")
        self.downstream.end()
        self.assertTrue(self.client.transport.disconnected)

    def test_longer_than_told(self) -> None:
        """
        Pitfall 32: what comes behind the length goes to nobody.
        """
        self.ask(*GET)
        self.downstream.begin(a_response(200, (), 5))
        self.downstream.write(b"hello, HTTP/1.1 200 OK")
        self.downstream.end()
        self.assertTrue(self.take().endswith(b"\r\n\r\nhello"))

    def test_refuse(self) -> None:
        """
        A refusal is a small body that names the status.
        """
        exchange = self.ask(*GET, answer=lambda exchange: exchange.downstream.refuse(NoServer("app is down")))
        written = self.take()
        self.assertTrue(written.startswith(b"HTTP/1.1 503 Service Unavailable\r\n"), written)
        self.assertNotIn(b"app is down", written)
        self.assertIsInstance(exchange.error, NoServer)

    def test_one_head(self) -> None:
        """
        A second head is not sent.
        """
        self.ask(*GET)
        self.downstream.begin(a_response(200, (), 0))
        self.downstream.begin(a_response(500, (), 0))
        self.downstream.end()
        self.assertTrue(self.take().startswith(b"HTTP/1.1 200 "))

    def test_bookkeeping(self) -> None:
        """
        The exchange knows when its response began and ended, and how much was sent.
        """
        exchange = self.ask(*GET)
        response = a_response(200, (), 5)
        self.client.clock.advance(2)
        self.downstream.begin(response)
        self.downstream.write(b"hello")
        self.client.clock.advance(2)
        self.downstream.end()
        self.assertIs(exchange.response, response)
        self.assertEqual((exchange.first_byte, exchange.ended, exchange.body_sent), (2, 4, 5))

    def test_keep_alive(self) -> None:
        """
        Pitfall 42: a request that was sent ahead is answered after the first.
        """
        self.ask(*GET, b"X-Number: 1")
        self.client.send(*GET, b"X-Number: 2")
        self.assertEqual(len(self.leaf.exchanges), 1)
        self.downstream.begin(a_response(200, (), 0))
        self.downstream.end()
        self.assertEqual([e.request.fields.get(b"x-number") for e in self.leaf.exchanges], [b"1", b"2"])

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: that the client left is told once, and late calls do nothing.
        """
        exchange = self.ask(*GET)
        self.downstream.begin(a_response())
        self.downstream.write(b"he")
        self.client.leave()
        self.downstream.write(b"llo")
        self.downstream.flush()
        self.downstream.end()
        self.downstream.cut()
        self.assertEqual(self.leaf.receiver.calls, ["client_left"])
        self.assertEqual((exchange.ended, exchange.body_sent), (0.0, 2))

    def test_client_leaves_after_the_answer(self) -> None:
        """
        Once the response is complete, the client's leaving is nobody's business.
        """
        for finish in ("end", "cut"):
            self.ask(*GET)
            self.downstream.begin(a_response(200, (), 0))
            getattr(self.downstream, finish)()
            self.client.leave()
            self.assertEqual(self.leaf.receiver.calls, [])

    def test_slow_reader(self) -> None:
        """
        Pitfall 26: when the client reads slowly, the receiver is told to wait.
        """
        self.ask(*GET)
        self.client.hesitate()
        self.client.catch_up()
        self.assertEqual(self.leaf.receiver.calls, ["pause_response", "resume_response"])

    def test_slow_reader_after_the_answer(self) -> None:
        """
        A client that still reads the last response does not disturb what is over.
        """
        self.ask(*GET)
        self.downstream.begin(a_response(200, (), 0))
        self.downstream.end()
        self.client.hesitate()
        self.client.catch_up()
        self.assertEqual(self.leaf.receiver.calls, [])

    def test_body_waits(self) -> None:
        """
        The request's body comes when it is asked for, also when it was paused
        before anybody received it.
        """
        lines = (b"POST / HTTP/1.1", b"Host: h", b"Content-Length: 5")
        self.ask(*lines, body=b"hello", answer=lambda exchange: exchange.downstream.pause_body())
        self.assertEqual(self.leaf.receiver.calls, ["request_flush"])
        self.downstream.resume_body()
        self.assertEqual(self.leaf.receiver.body, b"hello")

    def test_early_answer(self) -> None:
        """
        Pitfall 2: when the response is complete, the rest of the body goes to
        nobody, and the next request is not mistaken for it.
        """
        lines = (b"POST / HTTP/1.1", b"Host: h", b"Content-Length: 5")
        self.ask(*lines, body=b"hello", answer=lambda exchange: exchange.downstream.pause_body())
        self.downstream.begin(a_response(200, (), 0))
        self.downstream.end()
        self.downstream.resume_body()
        self.assertEqual(self.leaf.receiver.pieces, [])
        self.client.send(*GET)
        self.assertEqual([e.request.method for e in self.leaf.exchanges], [b"POST", b"GET"])

    def test_no_tunnel(self) -> None:
        """
        Pitfall 34: there is no way out of HTTP here.
        """
        self.ask(*GET)
        self.assertRaises(NotImplementedError, self.downstream.switch, a_response(101))

    def test_nothing_is_left(self) -> None:
        """
        Pitfall 44: after an exchange the clock holds nothing but the site's own
        timeout for the next request.
        """
        self.ask(*GET)
        self.downstream.begin(a_response(200, (), 0))
        self.downstream.end()
        self.client.leave()
        self.assertEqual(self.client.clock.getDelayedCalls(), [])

    def test_resource_that_fails(self) -> None:
        """
        A resource that raises becomes a 500 of the site.
        """

        def fail(exchange: Exchange) -> None:
            raise RuntimeError("a bug")

        self.ask(*GET, answer=fail)
        self.assertTrue(self.take().startswith(b"HTTP/1.1 500 "))
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_unknown_is_no_length(self) -> None:
        """
        An unknown length is never sent as one.
        """
        self.ask(*HEAD)
        self.downstream.begin(a_response(200, (), UNKNOWN))
        self.downstream.end()
        self.assertEqual(self.take(), b"HTTP/1.1 200 \r\n\r\n")
