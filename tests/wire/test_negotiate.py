"""
Tests of L{revproxy.wire.negotiate}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.negotiate import HTML, JSON, TEXT, preferred

BROWSER = b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


class PreferredTests(SynchronousTestCase):
    def test_choice(self) -> None:
        """
        RFC 9110 section 12.5.1: the kind of the highest quality is chosen.
        """
        for accept, expected in [
            (None, TEXT),
            (b"*/*", TEXT),
            (b"text/*", TEXT),
            (b"text/plain", TEXT),
            (BROWSER, HTML),
            (b"text/html", HTML),
            (b"Text/HTML; charset=utf-8", HTML),
            (b"application/json", JSON),
            (b"application/*", JSON),
            (b"application/json, text/plain, */*", JSON),
            (b"text/plain, application/json", TEXT),
            (b"*/*, application/json", JSON),
            (b"text/html;q=0.1, application/json;q=0.2", JSON),
            (b"text/html;q=0.2, application/json;q=0.1", HTML),
            (b"text/html;q=0.5, */*;q=0.9", TEXT),
            (b"*/*, text/plain;q=0", HTML),
            (b"*/*, text/*;q=0", JSON),
            (b"text/*;q=0.3, text/html;q=0.7", HTML),
            (b"application/json;profile=x;q=1.000", JSON),
            (b"text/html, application/json, text/html;q=0", HTML),
        ]:
            self.assertEqual(preferred(accept), expected, accept)

    def test_nothing_acceptable(self) -> None:
        """
        A client that takes none of the kinds, or says it wrongly, gets plain text.
        """
        for accept in [
            b"",
            b",,,",
            b"image/png",
            b"text/html;q=0",
            b"text/html;q=2",
            b"text/html;q=1.5",
            b"text/html;q=-1",
            b"text/html;q=nan",
            b"text/html;q=",
            b"application/json;q=0.1234",
            b"html",
            b"\xff\xfe",
        ]:
            self.assertEqual(preferred(accept), TEXT, accept)

    def test_long_values_are_not_read(self) -> None:
        """
        The work that a client can cause is bounded.
        """
        self.assertEqual(preferred(b"text/html" + b", image/png" * 100), TEXT)

    @settings(deadline=None)
    @given(st.binary(max_size=60) | st.text("texhml/*;q=0.1, ", max_size=60).map(str.encode))
    def test_any_value_has_an_answer(self, accept: bytes) -> None:
        """
        Whatever a client sends, one of the three kinds is chosen.
        """
        self.assertIn(preferred(accept), (TEXT, HTML, JSON))
