"""
Tests of L{revproxy.exchange}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.exchange import UNKNOWN, Outbound, Peer, Reply, Response
from revproxy.wire.fields import Fields
from revproxy.wire.serialize import Prepared, UnsafeField
from tests.fakes import an_exchange

PAIRS = [(b"a", b"1"), (b"b", b"2")]


class RequestTests(SynchronousTestCase):
    def test_target(self) -> None:
        """
        The target is the path with its query, where there is one; an empty one counts.
        """
        for query, target in [(None, b"/a"), (b"", b"/a?"), (b"b=c", b"/a?b=c")]:
            self.assertEqual(an_exchange(path=b"/a", query=query).request.target, target)


class MessageTests(SynchronousTestCase):
    """
    What holds for the fields of both messages, however they were given.
    """

    def messages(self) -> list[Outbound | Response]:
        return [
            Outbound(b"GET", b"/", None, Prepared(PAIRS)),
            Outbound(b"GET", b"/", None, Fields(PAIRS)),
            Response(200, b"", Prepared(PAIRS)),
            Response(200, b"", Fields(PAIRS)),
        ]

    def test_lines(self) -> None:
        """
        The lines are those of the fields, before and after somebody looks at them.
        """
        for message in self.messages():
            self.assertEqual(message.lines(), b"a: 1\r\nb: 2\r\n")
            self.assertEqual(message.fields, PAIRS)
            self.assertEqual(message.lines(), b"a: 1\r\nb: 2\r\n")

    def test_changes(self) -> None:
        """
        A change is seen by whoever looks next, and is what is sent.
        """
        for message in self.messages():
            message.fields.set(b"a", b"3")
            message.fields.remove_all([b"b"])
            self.assertEqual((message.fields, message.lines()), ([(b"a", b"3")], b"a: 3\r\n"))

    def test_prepared_fields_are_shared(self) -> None:
        """
        What one message changes is not changed for others that were prepared alike.
        """
        prepared = Prepared(PAIRS)
        first, second = Response(200, b"", prepared), Response(200, b"", prepared)
        first.fields.set(b"a", b"3")
        self.assertEqual((second.fields, prepared.fields), (PAIRS, tuple(PAIRS)))

    def test_dated(self) -> None:
        """
        Whether there is a Date is known, and stays right when fields change.
        """
        for message in self.messages():
            self.assertFalse(message.dated)
            message.fields.set(b"date", b"Sun, 06 Nov 1994 08:49:37 GMT")
            self.assertTrue(message.dated)
        self.assertTrue(Response(200, b"", Prepared([(b"date", b"x")])).dated)

    def test_unsafe(self) -> None:
        """
        Pitfall 37: what a filter left and cannot be sent is refused when it is written.
        """
        for message in self.messages():
            message.fields.add(b"c", b"1\r\nd: 2")
            self.assertRaises(UnsafeField, message.lines)

    def test_framing(self) -> None:
        """
        Pitfalls 1 and 37: framing is written from the length alone, so a filter that
        adds it in any case is refused, and so is one that adds a second Host.
        """
        for message in self.messages():
            for name in (b"content-length", b"Transfer-Encoding", b"connection"):
                message.fields.add(name, b"1")
                self.assertRaises(UnsafeField, message.lines)
                message.fields.remove_all([name])
            self.assertEqual(message.lines(), b"a: 1\r\nb: 2\r\n")
        self.assertRaises(UnsafeField, Outbound(b"GET", b"/", None, Fields([(b"host", b"x")])).lines)
        self.assertEqual(Response(200, b"", Fields([(b"host", b"x")])).lines(), b"host: x\r\n")


class ResponseTests(SynchronousTestCase):
    def test_length(self) -> None:
        """
        Unless it is said, the length of the body is unknown.
        """
        self.assertEqual(Response(200, b"", Fields()).length, UNKNOWN)


class ReplyTests(SynchronousTestCase):
    def test_plain(self) -> None:
        """
        A status alone is a reply.
        """
        reply = Reply(403)
        self.assertEqual((reply.status, reply.fields, reply.body), (403, [], None))

    def test_fields_are_its_own(self) -> None:
        """
        Changing the list that a reply was made from does not change it.
        """
        pairs = list(PAIRS)
        reply = Reply(200, pairs, b"x")
        pairs.clear()
        self.assertEqual((reply.fields, reply.body), (PAIRS, b"x"))

    def test_any_pairs(self) -> None:
        """
        The fields may be given as any iterable of pairs.
        """
        for pairs in (PAIRS, tuple(PAIRS), iter(PAIRS), dict(PAIRS).items()):
            self.assertEqual(Reply(200, pairs).fields, PAIRS)

    def test_inherited(self) -> None:
        """
        A class of somebody else's may inherit from it and add to it.
        """

        class Redirection(Reply):
            def __init__(self, place: bytes) -> None:
                super().__init__(303, [(b"location", place)])
                self.place = place

        reply = Redirection(b"/a")
        self.assertEqual((reply.status, reply.fields, reply.place), (303, [(b"location", b"/a")], b"/a"))


class ExchangeTests(SynchronousTestCase):
    def test_nothing_has_happened(self) -> None:
        """
        A new exchange has no answer, no server, no try and nothing to explain.
        """
        exchange = an_exchange()
        self.assertEqual((exchange.response, exchange.server, exchange.error), (None, None, None))
        self.assertEqual((exchange.first_byte, exchange.ended), (None, None))
        self.assertEqual((exchange.tries, exchange.body_sent, exchange.why), (0, 0, []))

    def test_each_explains_itself(self) -> None:
        """
        What one exchange notes is not noted for another.
        """
        an_exchange().why.append("this")
        self.assertEqual(an_exchange().why, [])

    def test_peer(self) -> None:
        """
        Of a connection from a UNIX socket nothing need be known.
        """
        peer = Peer()
        self.assertEqual((peer.address, peer.port, peer.local_port, peer.listener), ("", 0, 0, ""))
        self.assertEqual((peer.secure, peer.server_name, peer.subject), (False, None, None))
