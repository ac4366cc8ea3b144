"""
Tests of equal requests that wait for one answer.
"""

from __future__ import annotations

from revproxy import errors
from tests.flow.caching.caching_case import CachingCase, Client, told
from tests.flow.caching.dict_store import DictStore

HOUR = "Cache-Control: max-age=3600"
TAG = 'ETag: "one"'


class JoiningTests(CachingCase):
    def test_one_request(self) -> None:
        """
        Equal requests make one at the server, and all get its answer.
        """
        clients = [self.ask() for _ in range(5)]
        self.assertEqual(len(self.requests), 1)
        self.answer(HOUR)
        self.assertEqual(
            [(client.status, client.seen.body, client.whole) for client in clients],
            [(200, b"hello", True)] * 5,
        )
        self.assertEqual(clients[1].told, b"fwd=uri-miss; fwd-status=200; stored; collapsed")
        self.assertEqual(self.cache.counts["joined"], 4)

    def test_stream_along(self) -> None:
        """
        They get it as it comes, those who come later from its beginning.
        """
        first = self.ask()
        self.answer(HOUR, body=None, length=10)
        self.more(b"01234")
        second = self.ask()
        self.assertEqual((first.seen.body, second.seen.body), (b"01234", b"01234"))
        self.more(b"56789")
        self.end()
        self.assertEqual((first.seen.body, second.seen.body), (b"0123456789",) * 2)
        self.assertTrue(first.whole and second.whole)

    def test_private_answer(self) -> None:
        """
        Pitfall 29: an answer that is for one client alone sets the others free.
        """
        clients = [self.ask() for _ in range(3)]
        self.answer("Cache-Control: private", request=0, body=b"for one")
        self.accept()
        self.assertEqual(len(self.requests), 3)
        for number in (1, 2):
            self.answer("Cache-Control: private", request=number, body=b"for %d" % number)
        self.assertEqual([client.seen.body for client in clients], [b"for one", b"for 1", b"for 2"])

    def test_other_variant(self) -> None:
        """
        So does one that is for other requests.
        """
        first = self.ask("Accept-Language: de")
        second = self.ask("Accept-Language: en")
        self.answer(HOUR, "Vary: Accept-Language", request=0, body=b"de")
        self.accept()
        self.answer(HOUR, "Vary: Accept-Language", request=1, body=b"en")
        self.assertEqual((first.seen.body, second.seen.body), (b"de", b"en"))

    def test_late(self) -> None:
        """
        So does a server that takes too long.
        """
        first, second = self.ask(), self.ask()
        self.passes(5)
        self.assertEqual(len(self.requests), 2)
        self.answer(HOUR, request=1, body=b"second")
        self.assertEqual((first.status, second.seen.body), (None, b"second"))
        self.answer(HOUR, request=0, body=b"first")
        self.assertEqual(first.seen.body, b"first")

    def test_error(self) -> None:
        """
        An error is that of all.
        """
        clients = [self.ask() for _ in range(3)]
        self.requests[0].answer.answer_failed(errors.UpstreamTimeout())
        self.assertEqual([client.status for client in clients], [504] * 3)

    def test_cut(self) -> None:
        """
        Pitfall 13: a body that is cut short is so for all who have a part of it.
        """
        clients = [self.ask() for _ in range(3)]
        self.answer(HOUR, body=None, length=10)
        self.more(b"hel")
        self.requests[0].answer.answer_failed(errors.UpstreamCut())
        self.assertEqual([client.seen.calls[-1] for client in clients], ["cut"] * 3)

    def test_first_client_leaves(self) -> None:
        """
        The first client may leave: the others get their answer.
        """
        first, second = self.ask(), self.ask()
        first.receiver.client_left()
        self.answer(HOUR)
        self.assertEqual((first.status, second.seen.body), (None, b"hello"))

    def test_all_leave(self) -> None:
        """
        Pitfall 44: where all leave before there is an answer, the server is let go of.
        """
        clients = [self.ask() for _ in range(3)]
        for client in clients:
            client.receiver.client_left()
        self.assertEqual(self.requests[0].calls[-1], "drop")

    def test_others_do_not_join(self) -> None:
        """
        Who asks for a part, or with a condition of its own, does not wait for all of it.
        """
        self.ask()
        self.ask("Range: bytes=0-1")
        self.ask('If-None-Match: "x"')
        self.ask(method=b"HEAD")
        self.assertEqual(len(self.requests), 4)
        for number in range(4):
            self.answer("Cache-Control: no-store", request=number)

    def test_validated_together(self) -> None:
        """
        Those who wait for a validation are all answered with what is kept.
        """
        self.ask()
        self.answer("Cache-Control: max-age=10", 'ETag: "one"')
        self.passes(20)
        clients = [self.ask(), self.ask(), self.ask()]
        self.assertEqual(len(self.requests), 2)
        self.answer("Cache-Control: max-age=10", 'ETag: "one"', status=304, body=b"")
        self.assertEqual([client.seen.body for client in clients], [b"hello"] * 3)
        self.assertEqual(told(clients)[0], b"fwd=stale; fwd-status=304; ttl=10; stored")


class PaceTests(CachingCase):
    def limit(self, most: int) -> None:
        """
        Keep no larger bodies than this.
        """
        assert isinstance(self.store, DictStore)
        self.store.most = most

    def test_slow_client(self) -> None:
        """
        Pitfall 26: a server is read no faster than the fastest client.
        """
        first, second = self.ask(), self.ask()
        self.answer(HOUR, body=None, length=30)
        server = self.requests[0]
        first.receiver.pause_response()
        self.more(b"0" * 10)
        self.assertEqual((len(first.seen.body), len(second.seen.body)), (0, 10))
        self.assertNotIn("pause", server.calls)
        second.receiver.pause_response()
        self.more(b"1" * 10)
        self.assertIn("pause", server.calls)
        first.receiver.resume_response()
        self.assertEqual((len(first.seen.body), len(second.seen.body)), (20, 10))
        self.assertIn("resume", server.calls)
        self.more(b"2" * 10)
        self.end()
        second.receiver.resume_response()
        self.assertEqual((first.seen.body, second.seen.body), (b"0" * 10 + b"1" * 10 + b"2" * 10,) * 2)
        self.assertTrue(first.whole and second.whole)

    def test_joined_a_slow_one(self) -> None:
        """
        A server that waits for a slow client is read on as soon as somebody joins who takes
        more.
        """
        first = self.ask()
        self.answer(HOUR, body=None, length=20)
        first.receiver.pause_response()
        self.more(b"0" * 10)
        self.assertEqual(self.requests[0].calls[-1], "pause")
        second = self.ask()
        self.assertEqual(self.requests[0].calls[-1], "resume")
        self.more(b"1" * 10)
        self.end()
        self.assertTrue(second.whole)
        first.receiver.resume_response()
        self.assertEqual(first.seen.body, second.seen.body)

    def far_behind(self) -> tuple[Client, Client]:
        """
        Two clients, the first of which has taken nothing of a large body.
        """
        first, second = self.ask(), self.ask()
        self.answer(HOUR, body=None)
        first.receiver.pause_response()
        for _ in range(40):
            self.more(b"0" * 65536)
        self.assertEqual((first.seen.body, len(second.seen.body)), (b"", 40 * 65536))
        return first, second

    def test_far_behind(self) -> None:
        """
        Pitfall 26: nothing is held for who is far behind the others: it gets the rest from the
        cache, as fast as it reads, once all of it is there.
        """
        first, second = self.far_behind()
        first.receiver.resume_response()
        self.assertEqual(first.seen.body, b"")
        self.end()
        self.assertTrue(first.whole and second.whole)
        self.assertEqual(first.seen.body, second.seen.body)

    def test_far_behind_still(self) -> None:
        """
        The rest waits for it also where it reads later than all has come.
        """
        first, second = self.far_behind()
        self.end()
        self.assertEqual((len(first.seen.body), first.whole), (0, False))
        first.receiver.resume_response()
        self.assertTrue(first.whole)
        self.assertEqual(first.seen.body, second.seen.body)

    def test_far_behind_and_cut(self) -> None:
        """
        Where the rest does not come it is cut off, as the others are.
        """
        first, second = self.far_behind()
        self.requests[0].answer.answer_failed(errors.UpstreamCut("gone"))
        self.assertEqual((first.seen.calls[-1], second.seen.calls[-1]), ("cut", "cut"))

    def test_far_behind_and_left(self) -> None:
        """
        Pitfall 44: it may leave while it waits.
        """
        first, second = self.far_behind()
        first.receiver.client_left()
        self.end()
        self.assertEqual((first.seen.body, second.whole), (b"", True))

    def test_nobody_reads(self) -> None:
        """
        Pitfall 26: what only the cache reads is held nowhere else.
        """
        self.ask().receiver.client_left()
        client = self.ask()
        self.answer(HOUR, body=None)
        (fill,) = self.cache.fills.values()
        client.receiver.client_left()
        for _ in range(40):
            self.more(b"0" * 65536)
        self.assertEqual(fill.body.octets, 0)
        self.end()
        later = self.ask()
        self.passes(0)
        self.assertEqual(len(later.seen.body), 40 * 65536)

    def test_too_large_and_nobody_reads(self) -> None:
        """
        Pitfall 44: where it turns out to be too large, and nobody reads, the server is let go
        of.
        """
        self.limit(100_000)
        client = self.ask()
        self.answer(HOUR, body=None)
        client.receiver.client_left()
        for _ in range(2):
            self.more(b"0" * 65536)
        self.assertEqual(self.requests[0].calls[-1], "drop")

    def test_too_large(self) -> None:
        """
        Where it turns out to be too large, the server is read no faster than the slowest
        client.
        """
        first, second = self.ask(), self.ask()
        self.limit(1 << 20)
        self.answer(HOUR, body=None)
        first.receiver.pause_response()
        for _ in range(40):
            if self.requests[0].calls[-1] != "pause":
                self.more(b"0" * 65536)
        self.assertEqual(self.requests[0].calls[-1], "pause")
        self.assertLess(len(second.seen.body), 40 * 65536)
        first.receiver.resume_response()
        self.assertEqual(self.requests[0].calls[-1], "resume")
        self.end()
        self.assertEqual(first.seen.body, second.seen.body)
        self.assertTrue(first.whole and second.whole)


class BackgroundTests(CachingCase):
    def test_once(self) -> None:
        """
        However many clients get a stale answer, and however long the new one is, it is asked
        for once.
        """
        self.ask()
        self.answer("Cache-Control: max-age=1, stale-while-revalidate=99", TAG)
        self.passes(5)
        self.ask()
        self.answer(HOUR, body=None)
        self.more(b"0" * (2 << 20))
        for _ in range(3):
            self.ask()
        self.assertEqual(len(self.requests), 2)
        self.end()
        later = self.ask()
        self.passes(0)
        self.assertEqual(len(later.seen.body), 2 << 20)

    def test_joined_and_left(self) -> None:
        """
        It goes on where somebody joined and left.
        """
        self.ask()
        self.answer("Cache-Control: max-age=1, stale-while-revalidate=9", TAG)
        self.passes(5)
        self.ask()
        self.passes(10)
        self.ask().receiver.client_left()
        self.assertEqual(len(self.requests), 2)
        self.answer(HOUR, body=b"new")
        self.assertEqual(self.ask().seen.body, b"new")


class TurnedOffTests(CachingCase):
    join_timeout = 0.0

    def test_each_its_own(self) -> None:
        """
        Where they are not to join, each request goes to a server.
        """
        self.ask(), self.ask()
        self.assertEqual(len(self.requests), 2)
        for number in range(2):
            self.answer(HOUR, request=number)
