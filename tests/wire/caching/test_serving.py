"""
Tests of L{revproxy.wire.caching.serving}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.freshness import Freshness
from revproxy.wire.caching.request_directives import NO_WISHES, read_request_directives
from revproxy.wire.caching.serving import (
    FRESH,
    MAX_STALE,
    MISS,
    NO_CACHE,
    ONLY_IF_CACHED,
    REQUEST,
    STALE,
    VARY_MISS,
    WHILE_REVALIDATING,
    Verdict,
    covers_failure,
    judge,
    judge_miss,
)

SPECIAL = st.fixed_dictionaries(
    {
        "no_cache": st.booleans(),
        "must_revalidate": st.booleans(),
        "immutable": st.booleans(),
        "stale_while_revalidate": st.integers(min_value=0, max_value=200),
        "stale_if_error": st.integers(min_value=0, max_value=200),
    }
)
WISHES = st.lists(
    st.sampled_from(
        [
            b"max-age=0",
            b"max-age=70",
            b"min-fresh=20",
            b"max-stale",
            b"max-stale=50",
            b"no-cache",
            b"stale-if-error=90",
        ]
    ),
    max_size=3,
).map(b", ".join)
TIMES = st.floats(min_value=1000, max_value=1500)


def kept(age: int = 0, lifetime: int = 100, **special: int) -> Freshness:
    """
    A response that came at the time 1000.
    """
    return Freshness(1000, 1000 - age, 1000 - age + lifetime, **special)  # type: ignore[arg-type]


class JudgeTests(SynchronousTestCase):
    def check(self, rows: list[tuple[str, Freshness, bytes, float, Verdict]]) -> None:
        """
        @param rows: each the section, what is stored, the request's Cache-Control, the
            time, and the verdict.
        """
        for section, stored, wishes, now, expected in rows:
            verdict = judge(stored, read_request_directives(wishes, None), now)
            self.assertEqual(verdict.word, expected.word, (section, wishes, now))

    def test_freshness(self) -> None:
        """
        RFC 9111 section 4.2: it is fresh as long as its age is less than its lifetime.
        """
        self.check(
            [
                ("4.2", kept(), b"", 1000, FRESH),
                ("4.2", kept(), b"", 1099.9, FRESH),
                ("4.2", kept(), b"", 1100, STALE),
                ("4.2", kept(age=99), b"", 1000, FRESH),
                ("4.2", kept(age=100), b"", 1000, STALE),
                ("4.2", kept(lifetime=0), b"", 1000, STALE),
                ("5.2.2.4", kept(no_cache=True), b"", 1000, NO_CACHE),
                ("5.2.2.4", kept(no_cache=True), b"max-stale", 1200, NO_CACHE),
            ]
        )

    def test_wishes(self) -> None:
        """
        RFC 9111 section 5.2.1: the wishes of the client are heeded.
        """
        self.check(
            [
                ("5.2.1.1", kept(), b"max-age=0", 1000.1, REQUEST),
                ("5.2.1.1", kept(), b"max-age=1", 1003, REQUEST),
                ("5.2.1.1", kept(lifetime=3600, age=1800), b"max-age=600", 1000, REQUEST),
                ("5.2.1.1", kept(), b"max-age=50", 1050, FRESH),
                ("5.2.1.1", kept(), b"max-age=500", 1200, STALE),
                ("5.2.1.1", kept(), b"max-age=5, max-stale", 1200, STALE),
                ("5.2.1.1", kept(), b"max-age=500, max-stale", 1200, MAX_STALE),
                ("5.2.1.2", kept(lifetime=1), b"max-stale=1000", 1003, MAX_STALE),
                ("5.2.1.2", kept(lifetime=1500, age=2000), b"max-stale=1000", 1000, MAX_STALE),
                ("5.2.1.2", kept(), b"max-stale=10", 1110, MAX_STALE),
                ("5.2.1.2", kept(), b"max-stale=10", 1110.1, STALE),
                ("5.2.1.2", kept(), b"max-stale", 10**9, MAX_STALE),
                ("5.2.1.2", kept(), b"max-stale", 1000, FRESH),
                ("5.2.1.3", kept(lifetime=1500), b"min-fresh=2000", 1000, REQUEST),
                ("5.2.1.3", kept(lifetime=1500, age=1000), b"min-fresh=1000", 1000, REQUEST),
                ("5.2.1.3", kept(), b"min-fresh=10", 1090, FRESH),
                ("5.2.1.3", kept(), b"min-fresh=10", 1090.1, REQUEST),
                ("5.2.1.3", kept(), b"min-fresh=10", 1200, STALE),
                ("5.2.1.4", kept(), b"no-cache", 1000, REQUEST),
                ("5.2.1.4", kept(), b"no-cache", 1200, STALE),
                ("5.2.1.4", kept(), b"no-cache, max-stale", 1200, STALE),
                ("5.2.1.5", kept(), b"no-store", 1000, FRESH),
                ("5.2.1.6", kept(), b"no-transform", 1000, FRESH),
                ("5.2.1.7", kept(), b"only-if-cached", 1000, FRESH),
                ("5.2.1.7", kept(), b"only-if-cached", 1200, ONLY_IF_CACHED),
                ("5.2.1.7", kept(), b"only-if-cached, max-stale", 1200, MAX_STALE),
                ("5.2.1.7", kept(), b"only-if-cached, min-fresh=900", 1000, ONLY_IF_CACHED),
                ("5.2.1.7", kept(no_cache=True), b"only-if-cached", 1000, ONLY_IF_CACHED),
            ]
        )

    def test_prohibitions(self) -> None:
        """
        RFC 9111 section 4.2.4: what must be validated once stale is never used stale.
        """
        forbidden = kept(must_revalidate=True, stale_while_revalidate=60, stale_if_error=60)
        self.check(
            [
                ("5.2.2.2", forbidden, b"", 1099, FRESH),
                ("5.2.2.2", forbidden, b"", 1101, STALE),
                ("5.2.2.2", forbidden, b"max-stale", 1101, STALE),
                ("5.2.2.2", forbidden, b"only-if-cached, max-stale", 1101, ONLY_IF_CACHED),
            ]
        )

    def test_stale_while_revalidate(self) -> None:
        """
        RFC 5861 section 3: it is used within its window, unless the client wants none so
        old.
        """
        allowed = kept(stale_while_revalidate=60)
        self.check(
            [
                ("3", allowed, b"", 1099, FRESH),
                ("3", allowed, b"", 1100, WHILE_REVALIDATING),
                ("3", allowed, b"", 1159.9, WHILE_REVALIDATING),
                ("3", allowed, b"", 1160, STALE),
                ("3", allowed, b"max-stale=5", 1130, WHILE_REVALIDATING),
                ("3", allowed, b"max-age=500", 1130, STALE),
                ("3", allowed, b"min-fresh=1", 1130, STALE),
                ("3", allowed, b"no-cache", 1130, STALE),
                ("3", allowed, b"only-if-cached", 1130, WHILE_REVALIDATING),
            ]
        )

    def test_immutable(self) -> None:
        """
        RFC 8246 section 2: what does not change is not validated while it is fresh, unless
        the client insists.
        """
        lasting = kept(immutable=True)
        self.check(
            [
                ("2", lasting, b"max-age=0", 1050, FRESH),
                ("2", lasting, b"no-cache", 1050, REQUEST),
                ("2", lasting, b"max-age=0", 1100, STALE),
                ("2", lasting, b"max-age=0, min-fresh=90", 1050, REQUEST),
            ]
        )

    def test_misses(self) -> None:
        """
        RFC 9111 section 5.2.1.7, RFC 9211 section 2.2: what is not stored is fetched,
        unless the client wants it from the cache or not at all.
        """
        only = read_request_directives(b"only-if-cached", None)
        self.assertIs(judge_miss(NO_WISHES), MISS)
        self.assertIs(judge_miss(NO_WISHES, others=True), VARY_MISS)
        self.assertIs(judge_miss(only), ONLY_IF_CACHED)
        self.assertEqual(ONLY_IF_CACHED.status, 504)

    def test_verdicts(self) -> None:
        """
        RFC 9211 section 2: a request is answered from the cache or forwarded with a
        reason or refused.
        """
        for verdict in [
            FRESH,
            WHILE_REVALIDATING,
            MAX_STALE,
            STALE,
            NO_CACHE,
            REQUEST,
            MISS,
            VARY_MISS,
            ONLY_IF_CACHED,
        ]:
            self.assertEqual(
                [verdict.serves, bool(verdict.forward), bool(verdict.status)].count(True), 1, verdict.word
            )

    @settings(deadline=None)
    @given(SPECIAL, WISHES, TIMES, TIMES)
    def test_freshness_ends_once(
        self, special: dict[str, int], wishes: bytes, one: float, other: float
    ) -> None:
        """
        With the time a response only gets older: what may not be used any more may not be
        used later either.
        """
        asked = read_request_directives(wishes, None)
        early, late = (judge(kept(**special), asked, now).serves for now in sorted((one, other)))
        self.assertTrue(early or not late)

    @settings(deadline=None)
    @given(SPECIAL, WISHES, TIMES)
    def test_validation_is_never_left_out(self, special: dict[str, int], wishes: bytes, now: float) -> None:
        """
        RFC 9111 section 4: whatever the client wants, C{no-cache} and, once it is stale,
        C{must-revalidate} are heeded, where the server fails as well.
        """
        stored, asked = kept(**special), read_request_directives(wishes, None)
        if stored.no_cache or (stored.must_revalidate and now >= stored.expires):
            self.assertFalse(judge(stored, asked, now).serves)
            self.assertFalse(covers_failure(stored, asked, now))


class CoversFailureTests(SynchronousTestCase):
    def test_stale_if_error(self) -> None:
        """
        RFC 5861 section 4: the response or the request allows it, for a time.
        """
        for stored, wishes, now, expected in [
            (kept(), b"", 1200, False),
            (kept(stale_if_error=60), b"", 1160, True),
            (kept(stale_if_error=60), b"", 1161, False),
            (kept(), b"stale-if-error=60", 1160, True),
            (kept(), b"stale-if-error=60", 1161, False),
            (kept(stale_if_error=60), b"stale-if-error=5", 1130, True),
            (kept(stale_if_error=60), b"no-cache", 1130, True),
            (kept(), b"no-cache", 1050, True),
            (kept(stale_while_revalidate=60), b"", 1130, False),
            (kept(stale_if_error=60, must_revalidate=True), b"", 1130, False),
            (kept(stale_if_error=60, must_revalidate=True), b"no-cache", 1050, True),
            (kept(stale_if_error=60, no_cache=True), b"stale-if-error=60", 1050, False),
        ]:
            found = covers_failure(stored, read_request_directives(wishes, None), now)
            self.assertEqual(found, expected, (wishes, now))
