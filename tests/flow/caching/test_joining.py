"""
Tests of equal requests that wait for one answer.
"""

from __future__ import annotations

from revproxy import errors
from tests.flow.caching.caching_case import CachingCase, told

HOUR = "Cache-Control: max-age=3600"


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

    def test_far_behind(self) -> None:
        """
        Pitfall 26: who is far behind the others of a body that is too large to be held, is cut
        off.
        """
        first, second = self.ask(), self.ask()
        self.answer(HOUR, body=None)
        first.receiver.pause_response()
        for _ in range(40):
            self.more(b"0" * 65536)
        self.assertEqual((first.seen.calls[-1], len(second.seen.body)), ("cut", 40 * 65536))
        self.end()
        self.assertTrue(second.whole)


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
