"""
Tests of L{revproxy.flow.caching.caching}: what becomes of a request.
"""

from __future__ import annotations

from revproxy import errors
from revproxy.flow.replies import refusal_reply
from revproxy.wire.caching.policy import Policy
from tests.flow.caching.caching_case import CachingCase, Client, told
from tests.wire.caching.messages import at

HOUR = "Cache-Control: max-age=3600"
SHORT = "Cache-Control: max-age=10"
TAG = 'ETag: "one"'


class HitTests(CachingCase):
    def test_miss_and_hit(self) -> None:
        """
        The first request goes to the server, the next is answered from what is kept of it.
        """
        first = self.ask()
        self.answer(HOUR, "X: 1")
        self.assertEqual((first.status, first.seen.body, first.whole), (200, b"hello", True))
        self.passes(60)
        second = self.ask()
        self.assertEqual((second.status, second.seen.body, second.whole), (200, b"hello", True))
        self.assertEqual((second.fields.get(b"x"), second.fields.get(b"age")), (b"1", b"60"))
        self.assertEqual(len(self.requests), 1)
        self.assertEqual(told([first, second]), [b"fwd=uri-miss; fwd-status=200; stored", b"hit; ttl=3540"])
        self.assertEqual(self.cache.counts["hit-fresh"], 1)

    def test_one_write(self) -> None:
        """
        A hit is a head, its body, and the end.
        """
        self.ask()
        self.answer(HOUR)
        self.assertEqual(self.ask().seen.calls, ["begin", "write", "end"])

    def test_why(self) -> None:
        """
        The exchange tells what the cache did.
        """
        first = self.ask()
        self.answer(HOUR)
        self.assertIn("cache pages: uri-miss", first.exchange.why)
        self.assertIn("cache pages: fresh", self.ask().exchange.why)

    def test_head(self) -> None:
        """
        HEAD is answered from what is kept of a GET, without its body.
        """
        self.ask()
        self.answer(HOUR)
        head = self.ask(method=b"HEAD")
        assert head.seen.response is not None
        self.assertEqual((head.seen.calls, head.seen.response.length), (["begin", "end"], 5))

    def test_other_targets(self) -> None:
        """
        Pitfall 27: another path, query or host is another response.
        """
        self.ask()
        self.answer(HOUR)
        for target in (b"/other", b"/page?q", b"/page?"):
            client = self.ask(target=target)
            self.assertEqual(client.status, None)
            self.answer(HOUR)

    def test_empty_body(self) -> None:
        """
        A response may have no octets, and one without a body has none.
        """
        for status, body in [(200, b""), (204, b""), (301, b"")]:
            target = b"/%d" % status
            self.ask(target=target)
            self.answer(HOUR, status=status, body=body)
            client = self.ask(target=target)
            self.assertEqual((client.status, client.seen.calls), (status, ["begin", "end"]))

    def test_not_kept(self) -> None:
        """
        What must not be kept is not, and the client is told why.
        """
        first = self.ask()
        self.answer("Cache-Control: no-store")
        self.assertEqual(first.told, b"fwd=uri-miss; fwd-status=200; stored=?0; detail=no-store")
        self.ask()
        self.answer()
        self.assertEqual(len(self.requests), 2)

    def test_only_if_cached(self) -> None:
        """
        A client that wants nothing else than what is cached is answered 504 where there is nothing.
        """
        client = self.ask("Cache-Control: only-if-cached")
        self.assertEqual((client.status, self.requests), (504, []))
        self.assertEqual(self.refusal_told(client), b"test; detail=only-if-cached")

    def test_partly_sent_body_is_not_kept(self) -> None:
        """
        Pitfall 13: a body that is cut short is kept for nobody, and the client can tell.
        """
        first = self.ask()
        self.answer(HOUR, body=None, length=10)
        self.more(b"hel")
        self.requests[-1].answer.answer_failed(errors.UpstreamCut())
        self.assertEqual(first.seen.calls[-1], "cut")
        second = self.ask()
        self.assertIsNone(second.status)
        self.answer()

    def test_client_leaves(self) -> None:
        """
        What is being kept is fetched to its end although the client leaves; what is not, is not.
        """
        first = self.ask()
        self.answer(HOUR, body=None, length=10)
        first.receiver.client_left()
        self.more(b"0123456789")
        self.end()
        self.assertEqual(self.ask().seen.body, b"0123456789")
        second = self.ask(target=b"/other")
        self.answer("Cache-Control: no-store", body=None, length=10)
        second.receiver.client_left()
        self.assertEqual(self.requests[-1].calls[-1], "drop")

    def test_client_leaves_early(self) -> None:
        """
        Pitfall 44: before there is a response nobody else is asked for one.
        """
        first = self.ask()
        first.receiver.client_left()
        self.assertEqual(self.requests[-1].calls[-1], "drop")

    def test_server_fails(self) -> None:
        """
        An error is the client's where nothing is kept.
        """
        first = self.ask()
        self.requests[-1].answer.answer_failed(errors.UpstreamTimeout())
        self.assertEqual(first.status, 504)
        self.assertEqual(self.refusal_told(first), b"test; fwd=uri-miss")
        first = self.ask(method=b"POST")
        self.requests[-1].answer.answer_failed(errors.UpstreamTimeout())
        self.assertEqual(self.refusal_told(first), b"test; fwd=method")

    def refusal_told(self, client: Client) -> bytes | None:
        """
        What C{Cache-Status} of a refusal says.
        """
        assert client.seen.error is not None
        return refusal_reply(client.seen.error, client.exchange.request).fields.get(b"cache-status")


class ValidationTests(CachingCase):
    def keep(self, *lines: str) -> None:
        self.ask()
        self.answer(*lines)

    def test_validated(self) -> None:
        """
        What is stale is validated, and lasts on then.
        """
        self.keep(SHORT, TAG, "X: 1")
        self.passes(20)
        client = self.ask()
        self.assertEqual(self.sent().get(b"if-none-match"), b'"one"')
        self.answer(SHORT, TAG, "X: 2", status=304, body=b"")
        self.assertEqual((client.status, client.seen.body), (200, b"hello"))
        self.assertEqual((client.fields.get(b"x"), client.fields.get(b"age")), (b"2", b"0"))
        self.assertEqual(client.told, b"fwd=stale; fwd-status=304; ttl=10; stored")
        self.assertEqual(self.ask().told, b"hit; ttl=10")

    def test_replaced(self) -> None:
        """
        Where the server answers anew that takes the place of what was kept.
        """
        self.keep(SHORT, TAG)
        self.passes(20)
        client = self.ask()
        self.answer(SHORT, 'ETag: "two"', body=b"new")
        self.assertEqual((client.seen.body, client.told), (b"new", b"fwd=stale; fwd-status=200; stored"))
        self.assertEqual(self.ask().seen.body, b"new")

    def test_condition_of_the_client(self) -> None:
        """
        A client that has the same already gets 304, be it from what is kept, validated or new.
        """
        self.keep(SHORT, TAG)
        self.assertEqual(self.ask('If-None-Match: "one"').status, 304)
        self.passes(20)
        client = self.ask('If-None-Match: "one"')
        self.answer(SHORT, TAG, status=304, body=b"")
        self.assertEqual((client.status, client.seen.body, client.whole), (304, b"", True))
        self.passes(20)
        client = self.ask('If-None-Match: "two"')
        self.answer(SHORT, 'ETag: "two"', body=b"new")
        self.assertEqual((client.status, client.seen.body, client.whole), (304, b"", True))
        self.assertEqual(self.ask().seen.body, b"new")

    def test_condition_on_a_miss(self) -> None:
        """
        Where nothing is kept the client's condition is for the server.
        """
        client = self.ask('If-None-Match: "one"')
        self.assertEqual(self.sent().get(b"if-none-match"), b'"one"')
        self.answer(TAG, status=304, body=b"")
        self.assertEqual(client.status, 304)

    def test_304_about_something_else(self) -> None:
        """
        A 304 that is about nothing that is kept is not given to a client that asked for all.
        """
        self.keep(SHORT, TAG)
        self.passes(20)
        client = self.ask()
        self.answer('ETag: "two"', status=304, body=b"")
        self.accept()
        self.assertEqual(len(self.requests), 3)
        self.assertIsNone(self.sent().get(b"if-none-match"))
        self.answer(HOUR, 'ETag: "two"', body=b"new")
        self.assertEqual((client.status, client.seen.body), (200, b"new"))

    def test_stale_if_error(self) -> None:
        """
        Where that may be, what is stale stands in for a server that fails.
        """
        self.keep("Cache-Control: max-age=10, stale-if-error=100", TAG)
        self.passes(20)
        client = self.ask()
        self.answer(status=503, body=b"sorry")
        self.assertEqual((client.status, client.seen.body), (200, b"hello"))
        self.assertEqual(client.told, b"fwd=stale; fwd-status=503; detail=stale-if-error")
        client = self.ask()
        self.requests[-1].answer.answer_failed(errors.UpstreamTimeout())
        self.assertEqual((client.status, client.seen.body), (200, b"hello"))
        self.assertEqual(client.told, b"fwd=stale; detail=stale-if-error")
        self.passes(100)
        client = self.ask()
        self.answer(status=503, body=b"sorry")
        self.assertEqual(client.status, 503)

    def test_stale_while_revalidate(self) -> None:
        """
        Where that may be, what is stale is given at once and validated meanwhile, once.
        """
        self.keep("Cache-Control: max-age=10, stale-while-revalidate=100", TAG)
        self.passes(20)
        clients = [self.ask() for _ in range(3)]
        self.accept()
        self.assertEqual([client.seen.body for client in clients], [b"hello"] * 3)
        self.assertEqual(clients[0].told, b"hit; ttl=-10; detail=stale-while-revalidate")
        self.assertEqual(len(self.requests), 2)
        self.answer(HOUR, TAG, status=304, body=b"")
        self.assertEqual(self.ask().told, b"hit; ttl=3600")

    def test_revalidation_that_fails(self) -> None:
        """
        Where validating in the background fails nobody is told, and it is tried again.
        """
        self.keep("Cache-Control: max-age=10, stale-while-revalidate=100", TAG)
        self.passes(20)
        self.ask()
        self.accept()
        self.requests[-1].answer.answer_failed(errors.UpstreamTimeout())
        self.ask()
        self.accept()
        self.assertEqual(len(self.requests), 3)
        self.answer(HOUR, TAG, body=b"new")
        self.assertEqual(self.ask().seen.body, b"new")

    def test_head_updates(self) -> None:
        """
        A HEAD that goes to the server tells of what is kept, too.
        """
        self.keep(SHORT, TAG, "X: 1")
        self.passes(20)
        self.ask(method=b"HEAD")
        self.answer(HOUR, TAG, "X: 2", body=None, length=5)
        self.end()
        client = self.ask()
        self.assertEqual((client.fields.get(b"x"), client.seen.body), (b"2", b"hello"))


class VaryTests(CachingCase):
    def test_variants(self) -> None:
        """
        Each request gets the response that is for it.
        """
        for language in ("de", "en"):
            self.ask(f"Accept-Language: {language}")
            self.answer(HOUR, "Vary: Accept-Language", body=language.encode())
        for language in ("en", "de"):
            self.assertEqual(self.ask(f"Accept-Language: {language}").seen.body, language.encode())
        client = self.ask("Accept-Language: fr")
        self.answer(HOUR, "Vary: Accept-Language", body=b"fr")
        self.assertEqual(client.told, b"fwd=vary-miss; fwd-status=200; stored")


class RangeTests(CachingCase):
    def setUp(self) -> None:
        super().setUp()
        self.ask()
        self.answer(HOUR, TAG, f"Last-Modified: {at(-1000)}", "Content-Type: text/x", body=b"0123456789")

    def test_one(self) -> None:
        """
        A part of what is kept is given as such.
        """
        for asked, place, body in [
            ("bytes=2-4", b"bytes 2-4/10", b"234"),
            ("bytes=7-", b"bytes 7-9/10", b"789"),
            ("bytes=-2", b"bytes 8-9/10", b"89"),
            ("bytes=5-100", b"bytes 5-9/10", b"56789"),
        ]:
            client = self.ask(f"Range: {asked}")
            self.assertEqual((client.status, client.seen.body), (206, body))
            self.assertEqual(client.fields.get(b"content-range"), place)

    def test_several(self) -> None:
        """
        So are several parts.
        """
        self.ask(target=b"/large")
        self.answer(HOUR, TAG, "Content-Type: text/x", body=b"0123456789" * 100)
        client = self.ask("Range: bytes=0-1,500-501", target=b"/large")
        kind = client.fields.get(b"content-type") or b""
        self.assertTrue(kind.startswith(b"multipart/byteranges; boundary="))
        boundary = kind.partition(b"=")[2]
        parts = client.seen.body.split(b"--" + boundary)
        self.assertTrue(parts[1].endswith(b"content-range: bytes 0-1/1000\r\n\r\n01\r\n"))
        self.assertTrue(parts[2].endswith(b"content-range: bytes 500-501/1000\r\n\r\n01\r\n"))
        assert client.seen.response is not None
        self.assertEqual(client.seen.response.length, len(client.seen.body))

    def test_not_there(self) -> None:
        """
        A part that is not there is answered with 416.
        """
        client = self.ask("Range: bytes=10-")
        self.assertEqual((client.status, client.fields.get(b"content-range")), (416, b"bytes */10"))

    def test_if_range(self) -> None:
        """
        A client that has a part of something else gets the whole.
        """
        self.assertEqual(self.ask("Range: bytes=2-4", 'If-Range: "one"').status, 206)
        self.assertEqual(self.ask("Range: bytes=2-4", 'If-Range: "two"').status, 200)

    def test_miss(self) -> None:
        """
        Where nothing is kept a part is asked for as it is.
        """
        client = self.ask("Range: bytes=2-4", target=b"/other")
        self.assertEqual(self.sent().get(b"range"), b"bytes=2-4")
        self.answer(HOUR, TAG, "Content-Range: bytes 2-4/10", status=206, body=b"234")
        self.assertEqual((client.status, client.seen.body), (206, b"234"))


class PolicyTests(CachingCase):
    policy = Policy(ttl={404: 60}, stale_if_error=100)

    def test_ttl(self) -> None:
        """
        The operator may say for how long.
        """
        self.ask()
        self.answer(status=404, body=b"no")
        self.passes(59)
        self.assertEqual(self.ask().told, b"hit; ttl=1")
