"""
Tests of L{revproxy.flow.caching.receiving}.
"""

from __future__ import annotations

from revproxy.flow.caching.receiving import answer_with_cache
from tests.fakes import RecordingDownstream, an_exchange
from tests.flow.caching.caching_case import CachingCase
from tests.wire.caching.messages import fields

HOUR = "Cache-Control: max-age=3600"


class EmptyBodyTests(CachingCase):
    def test_no_content(self) -> None:
        """
        RFC 9110 section 8.6: a GET with a C{Content-Length} of 0 has no content, and is
        answered from the cache like any other.
        """
        seen: list[bytes] = []
        for _ in range(2):
            downstream = RecordingDownstream()
            exchange = an_exchange(downstream, b"GET", b"/page", fields=fields("Content-Length: 0"), length=0)
            receiver = answer_with_cache(exchange, self.route, self.terms)
            receiver.request_ended(())
            self.accept()
            if not seen:
                self.answer(HOUR)
            seen.append(downstream.body)
        self.assertEqual((seen, len(self.requests)), ([b"hello", b"hello"], 1))
