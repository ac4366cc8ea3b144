"""
Tests of L{revproxy.flow.replies}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import BadRequest, CircuitOpen, UpstreamRefused
from revproxy.exchange import Reply
from revproxy.flow.replies import refusal_reply, respond
from tests.fakes import RecordingDownstream, an_exchange


class RefusalReplyTests(SynchronousTestCase):
    def test_status(self) -> None:
        """
        The answer is the error's status, with a small body that names it.
        """
        reply = refusal_reply(BadRequest("a secret"), an_exchange().request)
        self.assertEqual((reply.status, reply.body), (400, b"400 Bad Request\n"))

    def test_nothing_of_the_message(self) -> None:
        """
        Nothing of what stands behind is told.
        """
        reply = refusal_reply(UpstreamRefused("10.0.0.1:8001 refused"), an_exchange().request)
        self.assertNotIn(b"10.0.0.1", b"%r" % [reply.body, *reply.fields])

    def test_retry_after(self) -> None:
        """
        Where it is known when to ask again, the client is told.
        """
        error = CircuitOpen()
        error.retry_after = 7
        self.assertEqual(refusal_reply(error, an_exchange().request).fields.get(b"retry-after"), b"7")

    def test_as_accepted(self) -> None:
        """
        The client gets the kind of body that it takes.
        """
        request = an_exchange(fields=[(b"accept", b"text/x"), (b"accept", b"application/json")]).request
        self.assertEqual(
            refusal_reply(BadRequest(), request).fields.get(b"content-type"), b"application/json"
        )


class RespondTests(SynchronousTestCase):
    def respond(self, reply: Reply) -> RecordingDownstream:
        downstream = RecordingDownstream()
        respond(downstream, an_exchange(downstream), reply)
        return downstream

    def test_whole(self) -> None:
        """
        A whole answer has its length, its fields and its body.
        """
        downstream = self.respond(Reply(403, [(b"x", b"1")], b"no"))
        self.assertEqual((downstream.calls, downstream.body), (["begin", "write", "end"], b"no"))
        assert downstream.response is not None
        self.assertEqual((downstream.response.status, downstream.response.reason), (403, b"Forbidden"))
        self.assertEqual((downstream.response.fields, downstream.response.length), ([(b"x", b"1")], 2))

    def test_made_body(self) -> None:
        """
        Without a body one is made that names the status.
        """
        downstream = self.respond(Reply(429, [(b"retry-after", b"1")]))
        assert downstream.response is not None
        self.assertEqual(downstream.body, b"429 Too Many Requests\n")
        self.assertEqual(downstream.response.length, len(downstream.body))
        self.assertEqual(
            downstream.response.fields,
            [(b"retry-after", b"1"), (b"content-type", b"text/plain; charset=utf-8")],
        )

    def test_empty_body(self) -> None:
        """
        An empty body is a body, and stays empty.
        """
        downstream = self.respond(Reply(403, [], b""))
        assert downstream.response is not None
        self.assertEqual((downstream.body, downstream.response.length), (b"", 0))

    def test_no_body_by_rule(self) -> None:
        """
        Pitfall 12: a 204 or 304 gets no body made, and no length or type of one.
        """
        for status in (204, 304):
            downstream = self.respond(Reply(status, [(b"etag", b'"a"')]))
            assert downstream.response is not None
            self.assertEqual((downstream.calls, downstream.response.length), (["begin", "end"], None))
            self.assertEqual(downstream.response.fields, [(b"etag", b'"a"')])

    def test_unknown_status(self) -> None:
        """
        A status that has no name is sent without one.
        """
        response = self.respond(Reply(599, [], b"")).response
        assert response is not None
        self.assertEqual(response.reason, b"")

    def test_the_reply_is_not_changed(self) -> None:
        """
        A filter may give the same reply again and again.
        """
        reply = Reply(429)
        self.respond(reply), self.respond(reply)
        self.assertEqual((list(reply.fields), reply.body), ([], None))
