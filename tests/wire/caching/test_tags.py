"""
Tests of L{revproxy.wire.caching.tags}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.tags import MOST, MOST_OCTETS, TAG_FIELDS, read_tags
from tests.wire.caching.messages import fields


class ReadTagsTests(SynchronousTestCase):
    def test_tags(self) -> None:
        """
        The tags of both fields and all lines are read, each once, as they are written.
        """
        for lines, expected in [
            ([], set()),
            (["Cache-Tag: a"], {b"a"}),
            (["Cache-Tag: a, b c ,,A"], {b"a", b"b c", b"A"}),
            (["Surrogate-Key: a  b,c\td"], {b"a", b"b,c", b"d"}),
            (["Cache-Tag: a,b", "Surrogate-Key: b c", "Cache-Tag: d"], {b"a", b"b", b"c", b"d"}),
            (["Cache-Tag:", "Surrogate-Key: "], set()),
        ]:
            self.assertEqual(read_tags(fields(*lines)), expected, lines)

    def test_bounds(self) -> None:
        """
        A response with more than is kept has no tags that could be relied on.
        """
        many = " ".join(f"{index:x}" for index in range(MOST))
        self.assertEqual(len(read_tags(fields(f"Surrogate-Key: {many}")) or ()), MOST)
        for lines in [
            [f"Surrogate-Key: {many}", "Surrogate-Key: one-more"],
            ["Cache-Tag: " + "a" * 1025],
            ["Cache-Tag: " + "a" * 1000] * (MOST_OCTETS // 1000 + 1),
        ]:
            self.assertIsNone(read_tags(fields(*lines)), lines[0][:40])

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(sorted(TAG_FIELDS)), st.binary(max_size=20))))
    def test_any_octets(self, pairs: list[tuple[bytes, bytes]]) -> None:
        """
        Nothing makes reading fail, and no tag is empty.
        """
        self.assertNotIn(b"", read_tags(pairs) or ())
