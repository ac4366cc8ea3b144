"""
Tests of L{revproxy.flow.caching.sending}: bodies in files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.errors import BodyLost
from revproxy.flow.caching.cache import Cache
from revproxy.flow.caching.sending import WORTH_SENDING, Sending
from revproxy.interfaces import IDownstream
from revproxy.testing import stand_in_head
from revproxy.wire.caching.ranges import Span
from tests.fakes import RecordingDownstream
from tests.flow.caching.dict_store import DictKept, DictStore

DATA = bytes(range(256)) * 1024


class File:
    """
    An open body.
    """

    descriptor = 77
    offset = 100

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class KeptInFile(DictKept):
    """
    @ivar file: what it is in.
    """

    def __init__(self) -> None:
        super().__init__(b"key", stand_in_head(), DATA)
        self.file = File()

    @override
    def open(self) -> Any:
        if self.lost:
            raise BodyLost("for a test")
        return self.file


class SocketDownstream(RecordingDownstream):
    """
    @ivar sent: the files that were to be sent.
    @ivar plain: whether files can go past the process.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[int, int, int]] = []
        self.plain = True
        self.stopped = 0
        self.tell: Callable[[bool], None] = cast(Any, None)

    @override
    def outlet(self, octets: int) -> Any:
        super().outlet(octets)
        return self if self.plain else None

    def send_file(self, file: int, offset: int, octets: int, tell: Callable[[bool], None]) -> Any:
        self.sent.append((file, offset, octets))
        self.tell = tell
        return self

    def stop(self) -> None:
        self.stopped += 1


class SendingTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.client = SocketDownstream()
        self.kept = KeptInFile()
        self.cuts = 0

    def sending(self, *pieces: bytes | Span) -> Sending:
        cache = Cache("pages", DictStore(), lambda: 0.0)
        sending = Sending(
            cast(IDownstream, self.client), cache, self.kept, cast(Sequence[Any], pieces), self.cut
        )
        sending.prepare()
        sending.go_on()
        return sending

    def cut(self) -> None:
        self.cuts += 1

    def test_whole(self) -> None:
        """
        A large body in a file goes past the process, behind the head.
        """
        sending = self.sending(Span(0, len(DATA)))
        self.assertEqual(self.client.sent, [(77, 100, len(DATA))])
        self.assertEqual((self.client.calls, sending.over), (["flush", "outlet"], False))
        self.client.tell(True)
        self.assertEqual((self.client.calls[-1], sending.over), ("end", True))
        self.assertEqual((self.kept.file.closed, self.client.body), (1, b""))

    def test_parts(self) -> None:
        """
        So do the large ones of several parts, in order with what is between them.
        """
        large = WORTH_SENDING
        self.sending(b"a", Span(0, large), b"b", Span(10, 20), Span(5, 5 + large), b"c")
        self.assertEqual((self.client.body, self.client.sent), (b"a", [(77, 100, large)]))
        self.client.tell(True)
        self.assertEqual(self.client.body, b"ab" + DATA[10:20])
        self.assertEqual(self.client.sent[1:], [(77, 105, large)])
        self.client.tell(True)
        self.assertEqual((self.client.body[-1:], self.client.calls[-1]), (b"c", "end"))

    def test_not_a_socket(self) -> None:
        """
        Where it cannot go past the process it is read and written.
        """
        self.client.plain = False
        sending = self.sending(Span(0, len(DATA)))
        self.assertEqual((self.client.body, self.client.calls[-1], sending.over), (DATA, "end", True))
        self.assertEqual(self.kept.file.closed, 1)

    def test_small(self) -> None:
        """
        A small one is read, and no file is opened for it.
        """
        self.kept.file = cast(Any, None)
        self.sending(Span(0, WORTH_SENDING - 1))
        self.assertEqual(self.client.body, DATA[: WORTH_SENDING - 1])

    def test_shorter(self) -> None:
        """
        Pitfall 13: where the file turns out to be shorter the answer is cut.
        """
        sending = self.sending(Span(0, len(DATA)))
        self.client.tell(False)
        self.assertEqual((self.cuts, sending.over, self.kept.file.closed), (1, True, 1))
        self.assertNotIn("end", self.client.calls)

    def test_lost_between(self) -> None:
        """
        Pitfall 13: so it is where what comes behind cannot be read.
        """
        self.sending(Span(0, WORTH_SENDING), Span(0, 10))
        self.kept.lost = True
        self.client.tell(True)
        self.assertEqual((self.cuts, self.kept.file.closed), (1, 1))

    def test_stopped(self) -> None:
        """
        Pitfall 44: where the client leaves, the file is closed.
        """
        self.sending(Span(0, len(DATA))).stop()
        self.assertEqual((self.client.stopped, self.kept.file.closed), (1, 1))

    def test_cannot_be_opened(self) -> None:
        """
        Where it cannot be opened it shows before anything is sent.
        """
        self.kept.lost = True
        with self.assertRaises(BodyLost):
            self.sending(Span(0, len(DATA)))
        self.assertEqual(self.client.calls, [])
