"""
Tests of L{revproxy.wire.caching.status}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.serving import MISS, NO_CACHE, REQUEST, STALE, VARY_MISS
from revproxy.wire.caching.status import BYPASS, METHOD, PARTIAL, CacheStatus
from revproxy.wire.caching.structured import parse_dictionary

STATUS = CacheStatus(b"ExampleCache")


class CacheStatusTests(SynchronousTestCase):
    def test_hits(self) -> None:
        """
        RFC 9211 section 3: a hit with its remaining lifetime, which is negative where it
        is stale.
        """
        self.assertEqual(STATUS.hit(376), b"ExampleCache; hit; ttl=376")
        self.assertEqual(STATUS.hit(-412), b"ExampleCache; hit; ttl=-412")
        self.assertEqual(STATUS.hit(0, b"MEMORY"), b"ExampleCache; hit; ttl=0; detail=MEMORY")

    def test_forwarded(self) -> None:
        """
        RFC 9211 section 3: the standard's own examples, and all parameters at once.
        """
        for found, expected in [
            (STATUS.forwarded(MISS.forward), b"ExampleCache; fwd=uri-miss"),
            (STATUS.forwarded(STALE.forward, status=304), b"ExampleCache; fwd=stale; fwd-status=304"),
            (STATUS.forwarded(MISS.forward, collapsed=True), b"ExampleCache; fwd=uri-miss; collapsed"),
            (STATUS.forwarded(MISS.forward, collapsed=False), b"ExampleCache; fwd=uri-miss; collapsed=?0"),
            (
                STATUS.forwarded(REQUEST.forward, 200, 60, True, False, b"http://a/", b"no-cache sent"),
                b"ExampleCache; fwd=request; fwd-status=200; ttl=60; stored; collapsed=?0; "
                b'key="http://a/"; detail="no-cache sent"',
            ),
            (STATUS.forwarded(MISS.forward, stored=False), b"ExampleCache; fwd=uri-miss; stored=?0"),
        ]:
            self.assertEqual(found, expected)

    def test_refused(self) -> None:
        """
        RFC 9211 section 2.1: neither C{hit} nor C{fwd} where it was neither.
        """
        self.assertEqual(STATUS.refused(b"only-if-cached"), b"ExampleCache; detail=only-if-cached")

    def test_reasons(self) -> None:
        """
        RFC 9211 section 2.2: all reasons are those of the standard.
        """
        reasons = {verdict.forward for verdict in (MISS, VARY_MISS, STALE, NO_CACHE, REQUEST)}
        self.assertEqual(reasons, {b"uri-miss", b"vary-miss", b"stale", b"request"})
        self.assertEqual((BYPASS, METHOD, PARTIAL), (b"bypass", b"method", b"partial"))

    def test_names(self) -> None:
        """
        RFC 9211 section 2: a name is a token or a string.
        """
        self.assertEqual(CacheStatus(b"CDN Company Here").hit(545), b'"CDN Company Here"; hit; ttl=545')

    @settings(deadline=None)
    @given(st.binary(max_size=20), st.binary(max_size=20), st.integers(-(10**9), 10**9))
    def test_any_octets(self, key: bytes, detail: bytes, ttl: int) -> None:
        """
        RFC 9651: whatever the key holds, what is written is a structured field.
        """
        member = STATUS.forwarded(MISS.forward, 304, ttl, True, True, key, detail)
        self.assertIsNotNone(parse_dictionary(b"a;" + member.partition(b"; ")[2]))
