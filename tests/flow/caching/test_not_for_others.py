"""
What a server says to one client does not get to another, however the two come together.
"""

from __future__ import annotations

from tests.flow.caching.caching_case import CachingCase, Client

HOUR = "Cache-Control: max-age=3600"
SHORT = "Cache-Control: max-age=1, stale-if-error=99"
TAG = 'ETag: "a"'


class JoinedTests(CachingCase):
    """
    Those who waited together.
    """

    def two(self, target: bytes = b"/page") -> tuple[Client, Client]:
        return self.ask("Cookie: u=a", target=target), self.ask("Cookie: u=b", target=target)

    def test_not_to_be_reused(self) -> None:
        """
        Pitfall 29, RFC 9111 section 4: an answer that may not be used again without
        validation is not for who joined.
        """
        for line in ("X-Nothing: 1", "Cache-Control: no-cache", "Cache-Control: max-age=0"):
            first, second = self.two(b"/" + line.encode())
            self.answer(TAG, line, body=b"a's account")
            self.assertEqual((first.seen.body, second.status), (b"a's account", None), line)
            self.answer("Cache-Control: no-store", body=b"b's account")
            self.assertEqual(second.seen.body, b"b's account")

    def test_fields_for_one(self) -> None:
        """
        Pitfall 29: fields that are for one client alone are not for who joined.
        """
        first, second = self.two()
        self.answer('Cache-Control: max-age=60, private="set-cookie, x-user"', "Set-Cookie: s=a", "X-User: a")
        self.assertEqual((first.fields.get(b"set-cookie"), first.fields.get(b"x-user")), (b"s=a", b"a"))
        self.assertEqual((second.fields.get(b"set-cookie"), second.fields.get(b"x-user")), (None, None))
        self.assertEqual((second.seen.body, second.fields.get(b"age")), (b"hello", b"0"))

    def test_validated_variant(self) -> None:
        """
        Pitfall 29: what was validated for one variant is not for who asked for another.
        """
        self.ask("Cookie: u=a")
        self.answer(SHORT, TAG, "Vary: Cookie", body=b"a's account")
        self.passes(10)
        first, second = self.two()
        self.answer(TAG, status=304, body=b"")
        self.assertEqual((first.seen.body, second.status), (b"a's account", None))
        self.answer(SHORT, body=b"b's account")
        self.assertEqual(second.seen.body, b"b's account")

    def test_failed_variant(self) -> None:
        """
        Pitfall 29: what stands in for a failure does so for its own variant.
        """
        self.ask("Cookie: u=a")
        self.answer(SHORT, TAG, "Vary: Cookie", body=b"a's account")
        self.passes(10)
        first, second = self.two()
        self.answer(status=503)
        self.assertEqual((first.seen.body, second.status), (b"a's account", None))
        self.answer(SHORT, body=b"b's account")
        self.assertEqual(second.seen.body, b"b's account")

    def test_reload_does_not_join(self) -> None:
        """
        Who wants a newer answer does not get one that was asked for before.
        """
        self.ask()
        self.ask("Cache-Control: no-cache")
        self.assertEqual(len(self.requests), 2)
        for number in range(2):
            self.answer(HOUR, request=number)

    def test_interim(self) -> None:
        """
        An interim response is for the client whose request it answers.
        """
        first, second = self.two()
        self.requests[0].answer.answer_interim(103, b"Early Hints", [(b"link", b"</a>; rel=preload")])
        self.assertEqual((first.seen.calls, second.seen.calls), (["interim"], []))
        self.answer(HOUR)

    def test_not_serialised(self) -> None:
        """
        Once an answer was for one client alone, requests for it do not wait for each other.
        """
        clients = [self.ask() for _ in range(3)]
        self.answer("Cache-Control: private")
        self.assertEqual(len(self.requests), 3)
        clients += [self.ask() for _ in range(3)]
        self.assertEqual(len(self.requests), 6)
        for number in range(1, 6):
            self.answer(HOUR, request=number)
        self.assertEqual([client.status for client in clients], [200] * 6)
        self.assertTrue(self.cache.is_shared(b"http://example.com/page"))

    def test_one_with_credentials_tells_nothing(self) -> None:
        """
        That an answer to credentials is not kept says nothing of the others.
        """
        self.ask("Authorization: x")
        self.answer("Cache-Control: max-age=9")
        self.assertTrue(self.cache.is_shared(b"http://example.com/page"))


class UpdateTests(CachingCase):
    """
    What a 304, or an answer to HEAD, tells one client.
    """

    def kept_stale(self) -> None:
        self.ask()
        self.answer(SHORT, TAG, "X-Old: 1")
        self.passes(10)

    def test_cookies(self) -> None:
        """
        Pitfall 29: a cookie that comes with a 304 is for the client that asked.
        """
        self.kept_stale()
        first = self.ask("Cookie: u=a")
        self.answer(HOUR, TAG, "Set-Cookie: s=a", status=304, body=b"")
        self.assertEqual((first.fields.get(b"set-cookie"), first.seen.body), (b"s=a", b"hello"))
        second = self.ask()
        self.assertEqual((second.told, second.fields.get(b"set-cookie")), (b"hit; ttl=3600", None))

    def test_cookies_with_head(self) -> None:
        """
        Pitfall 29: so is one that comes with an answer to HEAD.
        """
        self.kept_stale()
        first = self.ask(method=b"HEAD")
        self.answer(HOUR, TAG, "Set-Cookie: s=a", body=b"", length=5)
        self.assertEqual(first.fields.get(b"set-cookie"), b"s=a")
        self.assertIsNone(self.ask().fields.get(b"set-cookie"))

    def test_not_shared_any_more(self) -> None:
        """
        Pitfall 29: what a 304 says is private, or not to be stored, is kept no more; who asked
        gets it.
        """
        for line in ("Cache-Control: private, max-age=9", "Cache-Control: no-store", "Vary: *"):
            self.kept_stale()
            first = self.ask()
            self.answer(line, TAG, "X-User: a", status=304, body=b"")
            self.assertEqual((first.fields.get(b"x-user"), first.seen.body), (b"a", b"hello"), line)
            before = len(self.requests)
            self.ask()
            self.assertEqual(len(self.requests), before + 1, line)
            self.answer("Cache-Control: no-store")

    def test_credentials(self) -> None:
        """
        Pitfall 29, RFC 9111 section 3.5: what a 304 says to a client with credentials is not
        for others, and what is kept stays as it was.
        """
        self.kept_stale()
        first, second = self.ask("Authorization: a"), self.ask()
        self.answer(HOUR, TAG, "X-User: a", status=304, body=b"")
        self.assertEqual((first.fields.get(b"x-user"), second.status), (b"a", None))
        self.assertEqual(self.sent().get(b"if-none-match"), b'"a"')
        self.answer(HOUR, TAG, status=304, body=b"")
        self.assertEqual((second.fields.get(b"x-user"), second.seen.body), (None, b"hello"))

    def test_new_variant(self) -> None:
        """
        Pitfall 29: where a 304 says that a field makes a difference, what is kept is for
        requests like the one that it answers.
        """
        self.kept_stale()
        self.ask("Cookie: u=a")
        self.answer(HOUR, TAG, "Vary: Cookie", status=304, body=b"")
        self.assertEqual(self.ask("Cookie: u=a").told, b"hit; ttl=3600")
        other = self.ask("Cookie: u=b")
        self.assertIsNone(other.status)
        self.answer(HOUR)
