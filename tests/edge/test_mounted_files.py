"""
Tests of L{revproxy.edge.mount}: mounted files.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.python.filepath import FilePath
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.static import File

from revproxy.edge.mount import MountedResource
from revproxy.interfaces import IReceiver
from tests.fakes import RecordingDownstream, an_exchange


class FileTests(SynchronousTestCase):
    """
    Files, which C{twisted.web} sends by a pull producer.
    """

    def setUp(self) -> None:
        self.content = bytes(range(256)) * 4096
        directory = FilePath(self.mktemp())
        directory.makedirs()
        directory.child("large.bin").setContent(self.content)
        self.mounted = MountedResource(File(directory.path), Clock(), b"/files")

    def test_whole(self) -> None:
        """
        A file of a megabyte comes whole, part by part.
        """
        downstream = RecordingDownstream()
        self.mounted.answer(an_exchange(downstream, path=b"/files/large.bin"))
        self.assertEqual(downstream.body, self.content)
        self.assertGreater(downstream.calls.count("write"), 2)
        self.assertEqual(downstream.calls[-1], "end")

    def test_range(self) -> None:
        """
        A part of it comes as that part.
        """
        downstream = RecordingDownstream()
        fields = [(b"range", b"bytes=10-19")]
        self.mounted.answer(an_exchange(downstream, path=b"/files/large.bin", fields=fields))
        assert downstream.response is not None
        self.assertEqual((downstream.response.status, downstream.body), (206, self.content[10:20]))

    def test_slow_reader(self) -> None:
        """
        Pitfall 26: while the client does not read, no more of the file is read.
        """
        receivers: list[IReceiver] = []
        downstream = RecordingDownstream(lambda data: receivers[0].pause_response() if receivers else None)
        receiver = self.mounted.answer(an_exchange(downstream, b"GET", b"/files/large.bin", length=0))
        receivers.append(receiver)
        receiver.request_ended(())
        written = len(downstream.body)
        self.assertTrue(0 < written < len(self.content))
        receiver.resume_response()
        self.assertTrue(written < len(downstream.body) < len(self.content))
        receivers.clear()
        receiver.resume_response()
        self.assertEqual(downstream.body, self.content)

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: the file is closed and not read further when the client leaves.
        """
        receivers: list[IReceiver] = []
        downstream = RecordingDownstream(lambda data: receivers[0].pause_response())
        receiver = self.mounted.answer(an_exchange(downstream, b"GET", b"/files/large.bin", length=0))
        receivers.append(receiver)
        receiver.request_ended(())
        written = len(downstream.body)
        receiver.client_left()
        receiver.resume_response()
        self.assertEqual(len(downstream.body), written)
