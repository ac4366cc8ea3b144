"""
Tests of L{bench.generators.frames}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from websockets.frames import BINARY, Frame
from websockets.streams import StreamReader

from bench.generators.frames import FROM_CLIENT, FROM_SERVER, PAYLOAD, accept


def parsed(data: bytes, mask: bool) -> Frame:
    reader = StreamReader()
    reader.feed_data(data)
    parser = Frame.parse(reader.read_exact, mask=mask)
    try:
        next(parser)
    except StopIteration as stop:
        frame: Frame = stop.value
        return frame
    raise AssertionError("not a whole frame")


class FramesTests(SynchronousTestCase):
    def test_messages(self) -> None:
        """
        Client and server send the same message, one masked, the other not.
        """
        for data, mask in ((FROM_CLIENT, True), (FROM_SERVER, False)):
            frame = parsed(data, mask)
            self.assertEqual((frame.opcode, frame.fin, bytes(frame.data)), (BINARY, True, PAYLOAD))

    def test_accept(self) -> None:
        """
        The key of RFC 6455 is accepted as it says there.
        """
        self.assertEqual(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
