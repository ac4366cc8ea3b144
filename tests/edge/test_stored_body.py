"""
Tests of L{revproxy.edge.stored_body}.
"""

from __future__ import annotations

from io import BytesIO

from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.stored_body import PIECE, StoredBody
from tests.fakes import RecordingReceiver


class StoredBodyTests(SynchronousTestCase):
    """
    A body that is given as fast as it is taken.
    """

    def setUp(self) -> None:
        self.content = bytes(range(256)) * 1024
        self.body = StoredBody(BytesIO(self.content))

    def test_pieces(self) -> None:
        """
        The whole body comes in order, in pieces of a bounded size, and then ends.
        """
        receiver = RecordingReceiver()
        self.body.start(receiver)
        self.assertEqual(receiver.body, self.content)
        self.assertEqual({len(piece) for piece in receiver.pieces}, {PIECE})
        self.assertEqual((receiver.trailers, receiver.calls[-1]), ((), "request_ended"))

    def test_empty(self) -> None:
        """
        An empty body ends at once.
        """
        receiver = RecordingReceiver()
        StoredBody(BytesIO()).start(receiver)
        self.assertEqual(receiver.calls, ["request_ended"])

    def test_pause(self) -> None:
        """
        A receiver that pauses gets nothing more, and is told that this is all for
        now; when it resumes it gets the rest.
        """
        receiver = RecordingReceiver(lambda data: self.body.pause())
        self.body.start(receiver)
        self.assertEqual(receiver.calls, ["request_body", "request_flush"])
        self.body.resume()
        self.assertEqual(receiver.calls, ["request_body", "request_flush"] * 2)

    def test_paused_before_the_start(self) -> None:
        """
        A body that was paused before anybody received it is given when it is
        resumed.
        """
        receiver = RecordingReceiver()
        self.body.pause()
        self.body.start(receiver)
        self.assertEqual(receiver.pieces, [])
        self.body.resume()
        self.assertEqual(receiver.body, self.content)

    def test_resumed_before_the_start(self) -> None:
        """
        To resume a body that nobody receives yet does nothing.
        """
        receiver = RecordingReceiver()
        self.body.pause()
        self.body.resume()
        self.body.start(receiver)
        self.assertEqual(receiver.body, self.content)

    def test_resumed_while_it_is_given(self) -> None:
        """
        Pausing and resuming out of C{request_body} neither loses nor repeats
        anything.
        """

        def hesitate(data: bytes) -> None:
            self.body.pause()
            self.body.resume()

        receiver = RecordingReceiver(hesitate)
        self.body.start(receiver)
        self.assertEqual(receiver.body, self.content)
        self.assertEqual(receiver.calls.count("request_ended"), 1)

    def test_stop(self) -> None:
        """
        After a stop nothing more comes, not even the end.
        """
        receiver = RecordingReceiver(lambda data: self.body.stop())
        self.body.start(receiver)
        self.body.resume()
        self.assertEqual(receiver.calls, ["request_body"])
