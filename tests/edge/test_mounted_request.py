"""
Tests of L{revproxy.edge.mounted_request}.
"""

from __future__ import annotations

from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IRequest

from revproxy.edge.mounted_request import MountedRequest
from revproxy.exchange import UNKNOWN
from tests.edge.test_exchange_channel import Pushing
from tests.fakes import RecordingDownstream, an_exchange


class AdapterTests(SynchronousTestCase):
    """
    C{IRequest(exchange)}: a request of C{twisted.web} for an exchange.
    """

    def setUp(self) -> None:
        self.downstream = RecordingDownstream()
        fields = [(b"x-a", b"1"), (b"x-a", b"2"), (b"cookie", b"c=3")]
        self.exchange = an_exchange(
            self.downstream, b"GET", b"/a/b%20c", b"q=1&q=2", b"example.com:8080", fields
        )
        self.request = cast(MountedRequest, IRequest(self.exchange))

    def test_request(self) -> None:
        """
        It has what the request of C{twisted.web} for the same bytes would have.
        """
        request = self.request
        self.assertEqual(
            (request.method, request.uri, request.path, request.clientproto, request.args),
            (b"GET", b"/a/b%20c?q=1&q=2", b"/a/b%20c", b"HTTP/1.1", {b"q": [b"1", b"2"]}),
        )
        self.assertEqual((request.prepath, request.postpath), ([], [b"a", b"b c"]))
        self.assertEqual(request.requestHeaders.getRawHeaders(b"X-A"), [b"1", b"2"])
        self.assertEqual((request.getHeader(b"host"), request.getCookie(b"c")), (b"example.com:8080", b"3"))
        self.assertEqual(cast(bytes, request.content and request.content.read()), b"")

    def test_outbound(self) -> None:
        """
        What filters have changed is seen.
        """
        self.exchange.outbound.fields.set(b"x-user", b"me")
        self.exchange.outbound.target = b"/other"
        self.exchange.outbound.authority = b"inside"
        request = cast(MountedRequest, IRequest(self.exchange))
        self.assertEqual((request.uri, request.getHeader(b"x-user")), (b"/other", b"me"))
        self.assertEqual(request.getHeader(b"host"), b"inside")

    def test_no_host(self) -> None:
        """
        A request without a host has no Host field.
        """
        self.assertFalse(MountedRequest(an_exchange(authority=b"")).requestHeaders.hasHeader(b"host"))

    def test_response(self) -> None:
        """
        What is written to it is the exchange's response, without any framing.
        """
        self.request.setResponseCode(201)
        self.request.setHeader(b"content-type", b"text/plain")
        self.request.addCookie(b"a", b"1")
        self.request.write(b"he")
        self.request.write(b"llo")
        self.request.finish()
        response = self.downstream.response
        assert response is not None
        self.assertEqual((response.status, response.length, self.downstream.body), (201, UNKNOWN, b"hello"))
        self.assertEqual(response.fields, [(b"content-type", b"text/plain"), (b"set-cookie", b"a=1")])
        self.assertEqual(self.downstream.calls, ["begin", "write", "write", "end"])

    def test_version_is_the_clients(self) -> None:
        """
        The version that is shown does not change with the first write.
        """
        self.request.write(b"x")
        self.assertEqual(self.request.clientproto, b"HTTP/1.1")

    def test_head_alone(self) -> None:
        """
        To write nothing lets go of the head.
        """
        self.request.write(b"")
        self.assertEqual(self.downstream.calls, ["begin", "flush"])

    def test_without_a_body(self) -> None:
        """
        Pitfall 12: no body follows the head of an answer to HEAD, and whoever
        writes one may go on to its end.
        """
        downstream = RecordingDownstream()
        request = cast(MountedRequest, IRequest(an_exchange(downstream, b"HEAD")))
        request.write(b"hello")
        request.write(b"world")
        request.finish()
        self.assertEqual((downstream.body, downstream.calls[0], downstream.calls[-1]), (b"", "begin", "end"))

    def test_finish_is_notified(self) -> None:
        """
        C{notifyFinish} fires when the response is complete.
        """
        finished = self.request.notifyFinish()
        self.assertNoResult(finished)
        self.request.finish()
        self.assertIsNone(self.successResultOf(finished))


class AbandonTests(SynchronousTestCase):
    """
    A client that leaves.
    """

    def test_leaving_is_notified(self) -> None:
        """
        Pitfall 44: C{notifyFinish} fails, the producer is stopped, and what is
        written later goes nowhere.
        """
        downstream = RecordingDownstream()
        request = MountedRequest(an_exchange(downstream))
        finished: Deferred[None] = request.notifyFinish()
        producer = Pushing()
        request.registerProducer(producer, True)
        request.abandon()
        request.abandon()
        request.write(b"late")
        self.failureResultOf(finished, ConnectionLost)
        self.assertEqual((producer.told, downstream.calls), (["stop"], []))

    def test_leaving_after_the_end(self) -> None:
        """
        A client that leaves after the response changes nothing.
        """
        request = cast(MountedRequest, IRequest(an_exchange()))
        finished = request.notifyFinish()
        request.finish()
        request.abandon()
        self.assertIsNone(self.successResultOf(finished))
