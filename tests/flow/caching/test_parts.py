"""
Tests of L{revproxy.flow.caching.combining}: responses of which a part is kept.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred

from revproxy import errors
from revproxy.components.stores.memory.store import MemoryStore
from tests.flow.caching.caching_case import CachingCase
from tests.flow.caching.dict_store import DictStore

HOUR = "Cache-Control: max-age=3600"
SHORT = "Cache-Control: max-age=10, stale-if-error=1000"
TAG = 'ETag: "one"'


class PartsTests(CachingCase):
    """
    Responses of which a part is kept.
    """

    def part(self, first: int, last: int, tag: str = TAG) -> None:
        """
        A client asks for a part, and the server gives it.
        """
        self.ask(f"Range: bytes={first}-{last}")
        place = f"Content-Range: bytes {first}-{last}/10"
        self.answer(HOUR, tag, place, status=206, body=b"0123456789"[first : last + 1])

    def kept(self) -> bytes:
        assert isinstance(self.store, DictStore)
        (found,) = self.store.kept[b"http://example.com/page"]
        return found.body(0, found.length)

    def test_within(self) -> None:
        """
        What is in the part that is kept need not be fetched.
        """
        self.part(2, 7)
        client = self.ask("Range: bytes=3-5")
        self.assertEqual((client.status, client.seen.body), (206, b"345"))
        self.assertEqual(client.fields.get(b"content-range"), b"bytes 3-5/10")
        self.assertEqual(len(self.requests), 1)

    def test_not_for_all(self) -> None:
        """
        A part is not given for the whole.
        """
        self.part(2, 7)
        client = self.ask()
        self.assertIsNone(client.status)
        self.answer(HOUR, TAG, body=b"0123456789")
        self.assertEqual((client.status, client.told), (200, b"fwd=partial; fwd-status=200; stored"))

    def test_put_together(self) -> None:
        """
        Parts that touch or overlap are kept together; once nothing is missing it is the whole.
        """
        for first, last, together in [
            (3, 5, b"345"),
            (5, 7, b"34567"),
            (1, 3, b"1234567"),
            (0, 0, b"01234567"),
            (8, 9, b"0123456789"),
        ]:
            self.part(first, last)
            self.assertEqual(self.kept(), together)
        client = self.ask()
        self.assertEqual((client.status, client.seen.body), (200, b"0123456789"))
        self.assertIsNone(client.fields.get(b"content-range"))

    def test_around(self) -> None:
        """
        One that has the other in it takes its place.
        """
        self.part(3, 5)
        self.part(1, 8)
        self.assertEqual(self.kept(), b"12345678")

    def test_of_something_else(self) -> None:
        """
        Parts of what is not the same for sure are never put together.
        """
        for tag in ('ETag: "two"', 'ETag: W/"one"', "X: nothing"):
            self.part(3, 5)
            self.part(6, 7, tag)
            self.assertEqual(self.kept(), b"67")

    def test_apart(self) -> None:
        """
        Nor are those between which something is missing.
        """
        self.part(0, 1)
        self.part(5, 6)
        self.assertEqual(self.kept(), b"56")

    def test_cut_short(self) -> None:
        """
        Pitfall 13: what came of a body that was cut short is kept as the part that it is, where it
        has a strong validator; a client that asks for the rest completes it.
        """
        self.ask()
        self.answer(HOUR, TAG, body=None, length=10)
        self.more(b"01234")
        self.requests[-1].answer.answer_failed(errors.UpstreamCut())
        self.assertEqual(self.ask("Range: bytes=0-2").seen.body, b"012")
        client = self.ask()
        self.assertIsNone(client.status)
        client.receiver.client_left()
        self.part(5, 9)
        self.assertEqual(self.ask().seen.body, b"0123456789")

    def test_lengths_differ(self) -> None:
        """
        Pitfall 13: a part is kept only where it has as many octets as it says, both ways.
        """
        for length, body in [(3, b"123"), (5, b"12345"), (None, b"123"), (None, b"12345")]:
            self.ask("Range: bytes=0-3")
            place = "Content-Range: bytes 0-3/10"
            self.answer(HOUR, TAG, place, status=206, body=None, length=length)
            self.more(body)
            self.end()
            self.assertEqual(self.store.find(b"http://example.com/page"), ())

    def test_smaller_one(self) -> None:
        """
        Of two parts that cannot be put together the larger one stays, as long as it is fresh.
        """
        self.part(0, 4)
        client = self.ask("Range: bytes=7-8")
        self.answer(HOUR, TAG, "Content-Range: bytes 7-8/10", status=206, body=b"78")
        self.assertEqual(client.told, b"fwd=partial; fwd-status=206; stored=?0; detail=more-is-kept")
        self.assertEqual(self.kept(), b"01234")
        self.passes(3600)
        self.part(7, 8)
        self.assertEqual(self.kept(), b"78")


class BesideTheWholeTests(CachingCase):
    """
    A part comes, or what is cut short, where the whole is kept.
    """

    def whole(self, *lines: str) -> None:
        self.ask()
        self.answer(*lines, body=b"0123456789")

    def test_same(self) -> None:
        """
        A part of the whole that is kept does not take its place, whatever made the server be
        asked for one: a client's C{If-Match} goes there each time.
        """
        for lines in ([TAG], ['ETag: W/"one"'], []):
            self.whole(HOUR, *lines)
            client = self.ask('If-Match: "one"', "Range: bytes=0-0")
            self.answer(HOUR, *lines, "Content-Range: bytes 0-0/10", status=206, body=b"0")
            self.assertEqual((client.status, client.seen.body), (206, b"0"))
            self.assertEqual(self.ask().seen.body, b"0123456789")
            self.terms.purge.url(b"http://example.com/page")
            self.passes(1)

    def test_same_that_came_meanwhile(self) -> None:
        """
        Nor does one that was asked for when there was nothing yet.
        """
        self.ask("Range: bytes=0-0")
        self.whole(HOUR, TAG)
        self.answer(HOUR, TAG, "Content-Range: bytes 0-0/10", status=206, body=b"0", request=0)
        self.assertEqual(self.ask().seen.body, b"0123456789")

    def test_another(self) -> None:
        """
        A part of something newer does.
        """
        self.whole(HOUR, TAG)
        self.ask('If-Match: "two"', "Range: bytes=0-0")
        self.answer(HOUR, 'ETag: "two"', "Content-Range: bytes 0-0/10", status=206, body=b"x")
        self.assertEqual(self.ask("Range: bytes=0-0").seen.body, b"x")

    def test_cut_short(self) -> None:
        """
        What is whole and stale is not given up for what came of a body that was cut short: it
        stands in where the servers fail.
        """
        self.whole(SHORT, TAG)
        self.passes(20)
        self.ask()
        self.answer(SHORT, 'ETag: "two"', body=None, length=10)
        self.more(b"01")
        self.requests[-1].answer.answer_failed(errors.UpstreamCut())
        client = self.ask()
        self.requests[-1].answer.answer_failed(errors.UpstreamTimeout())
        self.assertEqual((client.status, client.seen.body), (200, b"0123456789"))


class CostTests(CachingCase):
    """
    What it costs to put parts together.
    """

    def make_store(self) -> MemoryStore:
        return MemoryStore(64 << 20, 32 << 20)

    def part(self, first: int, octets: int, body: bool = True) -> None:
        last = first + octets - 1
        self.ask(f"Range: bytes={first}-{last}")
        place = f"Content-Range: bytes {first}-{last}/99999999"
        self.answer(HOUR, TAG, place, status=206, body=bytes(octets) if body else None, length=octets)

    def kept(self) -> int:
        found = self.store.find(b"http://example.com/page")
        assert not isinstance(found, Deferred)
        (kept,) = found
        return kept.length

    def test_small_beside_large(self) -> None:
        """
        Many small parts beside a large one are not copied with it each time.
        """
        self.part(0, 2 << 20)
        before = self.store.figures().stores
        for number in range(8):
            self.part((2 << 20) + number, 1)
        self.assertEqual((self.store.figures().stores, self.kept()), (before, 2 << 20))

    def test_large_beside_small(self) -> None:
        """
        A part that is as large as what is there is put together with it, and so are small ones.
        """
        self.part(0, 1 << 20)
        self.part(1 << 20, 1 << 20)
        self.assertEqual(self.kept(), 2 << 20)

    def test_held(self) -> None:
        """
        While a part is waited for nothing is held of what goes behind it.
        """
        self.part(1, 1 << 19)
        taken = self.store.figures().octets
        for _ in range(8):
            self.part(0, 1, body=False)
        self.assertLess(self.store.figures().octets - taken, 1 << 10)
        for number in range(1, 9):
            self.more(b"1", number)
            self.end(number)
        self.assertEqual(self.kept(), 1 + (1 << 19))

    def test_lost_behind(self) -> None:
        """
        Where what goes behind cannot be read in the end nothing is kept of the two together.
        """
        self.store = self.cache.store = store = DictStore()
        self.part(1, 10)
        self.part(0, 1, body=False)
        store.kept[b"http://example.com/page"][0].lost = True
        self.more(b"1")
        self.end()
        self.assertEqual((self.kept(), store.keeping[-1].over), (10, True))


class StatusTests(CachingCase):
    def test_other_statuses(self) -> None:
        """
        Of what is not a 200 there are no parts (RFC 9110 section 14.2).
        """
        for status in (301, 404):
            target = b"/%d" % status
            self.ask(target=target)
            self.answer(HOUR, TAG, status=status, body=b"moved or gone")
            for asked in ("bytes=0-3", "bytes=100-"):
                client = self.ask(f"Range: {asked}", target=target)
                self.assertEqual((client.status, client.seen.body), (status, b"moved or gone"))
