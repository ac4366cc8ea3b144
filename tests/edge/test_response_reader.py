"""
Tests of L{revproxy.edge.response_reader}.  What servers say that is malformed is in
L{tests.edge.test_malformed_answers}.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import process_time

from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from revproxy.edge.response_reader import ResponseReader
from revproxy.errors import ExchangeError, UpstreamMalformed
from revproxy.exchange import Response
from revproxy.interfaces import IAnswerReceiver, ITunnelEnd
from revproxy.wire.fields import Pair


@implementer(IAnswerReceiver)
class Told:
    """
    Writes down what it is told.
    """

    def __init__(self) -> None:
        self.lines: list[object] = []

    def answer_interim(self, status: int, reason: bytes, fields: Sequence[Pair]) -> None:
        self.lines.append((status, reason, list(fields)))

    def answer_begun(self, response: Response) -> None:
        self.lines.append((response.status, response.length))

    def answer_body(self, data: bytes) -> None:
        self.lines.append(data)

    def answer_flush(self) -> None:
        self.lines.append("flush")

    def answer_outlet(self, octets: int) -> None:
        self.lines.append("outlet")

    def answer_ended(self, trailers: Sequence[Pair]) -> None:
        self.lines.append("ended")

    def answer_switched(self, response: Response, tunnel: ITunnelEnd) -> None:
        self.lines.append("switched")

    def answer_failed(self, error: ExchangeError) -> None:
        self.lines.append("failed")

    def pause_request(self) -> None:
        self.lines.append("pause")

    def resume_request(self) -> None:
        self.lines.append("resume")


class ResponseReaderTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.start()

    def start(self, method: bytes = b"GET", upgrading: bool = False, most_head: int = 200) -> None:
        self.reader = ResponseReader(method, upgrading, most_head)
        self.told = Told()

    def feed(self, data: bytes) -> bytes | None:
        return self.reader.feed(data, self.told)

    def test_interface(self) -> None:
        """
        Whom these tests have told is an L{IAnswerReceiver}.
        """
        self.assertTrue(verifyObject(IAnswerReceiver, self.told))

    def test_whole(self) -> None:
        """
        A small answer comes in one piece; what follows it is given back.
        """
        self.assertEqual(self.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcx"), b"x")
        self.assertEqual(self.told.lines, [(200, 3), b"abc"])
        self.assertTrue(self.reader.persistent)

    def test_in_pieces(self) -> None:
        """
        What has come of a body is passed on at once, and let go of.
        """
        self.assertIsNone(self.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na"))
        self.assertIsNone(self.feed(b"b"))
        self.assertEqual(self.feed(b"c"), b"")
        self.assertEqual(self.told.lines, [(200, 3), b"a", "flush", b"b", "flush", b"c"])

    def test_head_without_its_body(self) -> None:
        """
        A head whose body is still to come is not held back.
        """
        self.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.assertEqual(self.told.lines, [(200, -1), "flush"])

    def test_started_and_begun(self) -> None:
        """
        It is known whether anything came at all, and whether the answer itself did.
        """
        seen = []
        for piece in (b"", b"HTTP/1.1 100 C\r\n\r\n", b"HTTP/1.1 2", b"04 N\r\n\r\n"):
            self.feed(piece)
            seen.append((self.reader.started, self.reader.begun))
        self.assertEqual(seen, [(False, False), (True, False), (True, False), (True, True)])

    def test_interim(self) -> None:
        """
        Pitfall 15: each interim response is told, and the answer is the one after them.
        """
        self.feed(b"HTTP/1.1 103 E\r\nLink: a\r\n\r\nHTTP/1.1 103 F\r\n\r\nHTTP/1.1 204 N\r\n\r\n")
        self.assertEqual(self.told.lines, [(103, b"E", [(b"link", b"a")]), (103, b"F", []), (204, None)])

    def test_until_close(self) -> None:
        """
        Without a length the end of the connection ends the answer, and nothing else does.
        """
        self.assertIsNone(self.feed(b"HTTP/1.1 200 OK\r\n\r\nabc"))
        self.assertTrue(self.reader.ended_by_close)
        self.assertFalse(self.reader.persistent)
        self.assertEqual(self.told.lines[0], (200, -1))

    def test_no_body(self) -> None:
        """
        Pitfall 12: what can have no body ends with its head; a length that is told is kept.
        """
        for method, head, length in (
            (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", 3),
            (b"HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", None),
            (b"GET", b"HTTP/1.1 304 N\r\nContent-Length: 3\r\n\r\n", 3),
            (b"GET", b"HTTP/1.1 204 N\r\n\r\n", None),
        ):
            self.start(method)
            self.assertEqual(self.feed(head + b"x"), b"x")
            self.assertEqual(self.told.lines, [(int(head[9:12]), length)])
            self.assertFalse(self.reader.ended_by_close)

    def test_trailers(self) -> None:
        """
        Trailers are there when the answer is whole.
        """
        self.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n")
        self.assertEqual(self.reader.trailers, ())
        self.assertEqual(self.feed(b"\r\n"), b"")
        self.assertEqual(self.reader.trailers, ((b"x", b"1"),))

    def test_switched(self) -> None:
        """
        Pitfall 34: a 101 that was asked for ends HTTP; what follows is no longer looked at.
        """
        self.start(upgrading=True)
        self.assertEqual(self.feed(b"HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n\x00\n"), b"\x00\n")
        assert self.reader.switched is not None
        self.assertEqual(list(self.reader.switched.fields), [(b"upgrade", b"x")])
        self.assertEqual(self.told.lines, [])

    def test_large_head(self) -> None:
        """
        Pitfall 36: a head over the limit is refused whether it came whole or not.
        """
        head = b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200
        for data in head, head + b"\r\n\r\n":
            self.start()
            self.assertRaises(UpstreamMalformed, self.feed, data)

    def test_dripping_head(self) -> None:
        """
        Pitfall 36: a head that comes octet by octet is looked at once, not once more for
        each octet.
        """
        self.start(most_head=65536)
        head = b"HTTP/1.1 200 OK\r\n" + b"X: abc\r\n" * 4000 + b"Content-Length: 0\r\n\r\n"
        begun = process_time()
        for position in range(len(head)):
            rest = self.feed(head[position : position + 1])
        self.assertEqual((rest, self.told.lines), (b"", [(200, 0), b""]))
        self.assertLess(process_time() - begun, 2)

    def test_dripping_line_ends(self) -> None:
        """
        Line ends are judged right wherever the pieces are cut.
        """
        self.feed(b"HTTP/1.1 200 OK\r")
        self.feed(b"\n")
        self.feed(b"X: a\r")
        self.assertRaises(UpstreamMalformed, self.feed, b"X: b")
        self.start()
        self.feed(b"HTTP/1.1 200 OK\r\nX: a")
        self.assertRaises(UpstreamMalformed, self.feed, b"\n")

    def test_many_interim_heads(self) -> None:
        """
        Pitfall 36: interim responses do not come without end.
        """
        self.feed(b"HTTP/1.1 102 P\r\n\r\n" * 32)
        self.assertRaises(UpstreamMalformed, self.feed, b"HTTP/1.1 102 P\r\n\r\n")
