"""
Tests of clients that read slowly.
"""

from __future__ import annotations

from revproxy.flow.caching.serving import PIECE
from tests.flow.caching.caching_case import CachingCase, Client

HOUR = "Cache-Control: max-age=3600"

LARGE = b"0123456789abcdef" * (3 * PIECE // 16)


class LargeHitTests(CachingCase):
    """
    Pitfall 26: what is kept is sent as fast as the client reads.
    """

    def setUp(self) -> None:
        super().setUp()
        self.ask()
        self.answer(HOUR, body=LARGE)

    def assertSent(self, client: Client, octets: int) -> None:
        self.assertTrue(client.seen.body == LARGE[:octets], len(client.seen.body))
        self.assertEqual(client.whole, octets == len(LARGE))

    def test_all(self) -> None:
        """
        A client that reads fast gets all of it in the next turn.
        """
        client = self.ask()
        self.assertSent(client, PIECE)
        self.passes(0)
        self.assertSent(client, len(LARGE))

    def test_slow(self) -> None:
        """
        As long as the answer begins the client's side knows nobody to tell that it is slow: in
        that turn no more is sent than the first octets, and nothing until it reads on.
        """
        client = self.ask()
        client.receiver.pause_response()
        self.passes(0)
        self.assertSent(client, PIECE)
        client.receiver.resume_response()
        self.assertSent(client, len(LARGE))

    def test_resumed_at_once(self) -> None:
        """
        One that reads on before gets nothing twice.
        """
        client = self.ask()
        client.receiver.pause_response()
        client.receiver.resume_response()
        self.passes(0)
        self.assertSent(client, len(LARGE))

    def test_leaves(self) -> None:
        """
        Pitfall 44: one that leaves gets nothing more.
        """
        client = self.ask()
        client.receiver.client_left()
        self.passes(0)
        self.assertSent(client, PIECE)


class SlowBodyTests(CachingCase):
    """
    What is on its way is sent as it comes, also where the server makes a pause.
    """

    def test_late(self) -> None:
        """
        Who comes later is sent at once what has come.
        """
        self.ask()
        self.answer(HOUR, body=None, length=10)
        self.more(b"01234")
        late = self.ask()
        self.assertEqual((late.seen.body, late.seen.calls[-1]), (b"01234", "flush"))
        self.more(b"56789")
        self.end()

    def test_reads_on(self) -> None:
        """
        Who reads on is sent what has come meanwhile piece by piece, so that it can say that
        this is enough.
        """
        slow, fast = self.ask(), self.ask()
        self.answer(HOUR, body=None, length=9)
        slow.receiver.pause_response()
        for piece in (b"012", b"345"):
            self.more(piece)
        self.assertEqual((slow.seen.body, fast.seen.body), (b"", b"012345"))
        slow.receiver.resume_response()
        self.assertEqual(slow.seen.calls[-4:], ["write", "flush", "write", "flush"])
        self.more(b"678")
        self.end()
        self.assertEqual((slow.seen.body, fast.seen.body), (b"012345678",) * 2)
