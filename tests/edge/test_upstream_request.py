"""
Tests of L{revproxy.edge.upstream_request}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.upstream_request import request_head
from revproxy.exchange import UNKNOWN, Outbound
from revproxy.wire.fields import Fields, Pair
from revproxy.wire.serialize import UnsafeField

LINE = b"GET /a?b HTTP/1.1\r\nhost: h\r\n"


def head(
    *fields: Pair,
    length: int | None = None,
    upgrade: bytes | None = None,
    trailers: bool = False,
    method: bytes = b"GET",
    target: bytes = b"/a?b",
    authority: bytes = b"h",
) -> bytes:
    return request_head(Outbound(method, target, None, Fields(fields), trailers), authority, length, upgrade)


class RequestHeadTests(SynchronousTestCase):
    def test_fields(self) -> None:
        """
        C{Host} comes first, and the fields in their order.
        """
        self.assertEqual(head((b"x", b"1"), (b"a", b"2")), LINE + b"x: 1\r\na: 2\r\n\r\n")

    def test_framing(self) -> None:
        """
        Pitfall 1: framing follows from the length alone.
        """
        for length, line in (
            (None, b""),
            (0, b"content-length: 0\r\n"),
            (3, b"content-length: 3\r\n"),
            (UNKNOWN, b"transfer-encoding: chunked\r\n"),
        ):
            self.assertEqual(head(length=length), LINE + line + b"\r\n")

    def test_upgrade(self) -> None:
        """
        An upgrade is asked for by its name, and with it no trailers.
        """
        asked = LINE + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n"
        self.assertEqual(head(upgrade=b"websocket"), asked)
        self.assertEqual(head(upgrade=b"websocket", trailers=True), asked)

    def test_trailers(self) -> None:
        """
        Pitfall 14: trailers are asked for where the client wants them.
        """
        self.assertEqual(head(trailers=True), LINE + b"connection: te\r\nte: trailers\r\n\r\n")

    def test_unsafe(self) -> None:
        """
        Pitfall 37: nothing that a filter left can split the request.
        """
        for field in ((b"x", b"1\r\ny: 2"), (b"x", b"1\n"), (b"x", b"\x00"), (b"x y", b"1")):
            self.assertRaises(UnsafeField, head, field)
        self.assertRaises(UnsafeField, head, target=b"/ HTTP/1.1\r\nx: 1\r\n\r\nGET /")
        self.assertRaises(UnsafeField, head, method=b"GET\n")
        self.assertRaises(UnsafeField, head, authority=b"h\r\nx: 1")

    def test_spaces(self) -> None:
        """
        Pitfall 37: nor can a space in what a filter made of the request line or the host.
        """
        self.assertRaises(UnsafeField, head, target=b"/a HTTP/1.0")
        self.assertRaises(UnsafeField, head, method=b"GET /x")
        self.assertRaises(UnsafeField, head, target=b"")
