"""
Tests of L{revproxy.wire.caching.updating}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.response_directives import NOTHING_SAID, read_response_directives
from revproxy.wire.caching.stored_fields import stored_fields
from revproxy.wire.caching.updating import head_agrees, matched_by_304, updated_fields
from revproxy.wire.caching.validators import Validators, read_validators
from revproxy.wire.pairs import Pair
from tests.wire.caching.messages import NOW, at, fields

DATE = f"Date: {at(0)}"
OLD = f"Last-Modified: {at(-3600)}"
PAIRS = st.lists(
    st.tuples(st.sampled_from([b"a", b"b", b"content-length"]), st.binary(max_size=2)), max_size=6
)


def known(*lines: str) -> Validators:
    return read_validators(fields(*lines), NOW)


def updated(stored: list[str], newer: list[str]) -> list[tuple[bytes, bytes]]:
    """
    As a cache does it: what the newer response has is chosen first.
    """
    received = fields(*newer)
    said = read_response_directives(received)
    return list(updated_fields(fields(*stored), stored_fields(received, said, NOW), said))


class UpdatedFieldsTests(SynchronousTestCase):
    def test_fields_are_replaced(self) -> None:
        """
        RFC 9111 section 3.2: each field of the newer response takes the place of all
        values of the stored one, and the others stay.
        """
        for name in [
            "Test-Header",
            "X-Test-Header",
            "Content-Foo",
            "X-Content-Foo",
            "Cache-Control",
            "Content-Location",
            "Content-MD5",
            "Content-Security-Policy",
            "Content-Type",
            "ETag",
            "Expires",
            "Set-Cookie",
            "X-Frame-Options",
        ]:
            found = updated([f"{name}: A", "b: 1", f"{name}: AA", DATE], [f"{name}: B", DATE])
            self.assertEqual(found, list(fields("b: 1", f"{name}: B", DATE)), name)

    def test_fields_that_stay(self) -> None:
        """
        RFC 9111 section 3.2: what describes the stored body stays, and what is not to be
        stored does not come in.
        """
        for name in ["Content-Length", "Content-Encoding", "Content-Range"]:
            self.assertEqual(
                updated([f"{name}: 5", DATE], [f"{name}: 10", DATE]), list(fields(f"{name}: 5", DATE)), name
            )
        for name in [
            "Connection",
            "Keep-Alive",
            "Proxy-Authenticate",
            "TE",
            "Transfer-Encoding",
            "Upgrade",
            "Age",
        ]:
            self.assertEqual(updated([DATE], [f"{name}: x", DATE]), list(fields(DATE)), name)
        self.assertEqual(updated(["a: 1", DATE], ["Connection: a", "a: 2", DATE]), list(fields("a: 1", DATE)))

    def test_fields_that_directives_name(self) -> None:
        """
        RFC 9111 section 5.2.2.4: a field that the newer response names is stored no more.
        """
        control = 'Cache-Control: no-cache="a", private="b"'
        self.assertEqual(
            updated(["a: 1", "b: 1", "c: 1", DATE], [control, "a: 2", DATE]),
            list(fields("c: 1", control, DATE)),
        )

    def test_date(self) -> None:
        """
        RFC 9111 section 4.2.3: a stored response is as old as what it was updated by.
        """
        self.assertEqual(updated([f"Date: {at(-90)}"], []), list(fields(DATE)))

    @settings(deadline=None)
    @given(PAIRS, PAIRS)
    def test_any_fields(self, stored: list[Pair], newer: list[Pair]) -> None:
        """
        Every value comes from one of the two, those of one field from the same, and
        updating once more changes nothing.
        """
        found = updated_fields(stored, newer, NOTHING_SAID)
        for name in (b"a", b"b", b"content-length"):
            values = [value for known, value in newer if known == name and name != b"content-length"]
            self.assertEqual(
                found.get_all(name), values or [value for known, value in stored if known == name]
            )
        self.assertEqual(sorted(updated_fields(found, newer, NOTHING_SAID)), sorted(found))


class MatchedBy304Tests(SynchronousTestCase):
    def check(self, rows: list[tuple[str, Validators, list[Validators], list[int]]]) -> None:
        """
        @param rows: each what it shows, the validators of the 304 and of the candidates,
            and which of them are updated.
        """
        for what, answer, candidates, expected in rows:
            self.assertEqual(matched_by_304(answer, candidates), expected, what)

    def test_strong_validators(self) -> None:
        """
        RFC 9111 section 4.3.4: all with the same strong validator are updated, or none.
        """
        a, b, untagged = known('ETag: "a"', OLD, DATE), known('ETag: "b"', OLD, DATE), known(OLD, DATE)
        self.check(
            [
                ("the same tag", a, [a, b], [0]),
                ("several with the same tag", a, [a, b, a], [0, 2]),
                ("no such tag", a, [b], []),
                ("none stored", a, [], []),
                ("the date of one without a tag", a, [b, untagged], [1]),
                ("a date alone", untagged, [untagged, known(DATE), untagged], [0, 2]),
                ("a date alone, of variants", untagged, [a, b], [0, 1]),
                ("another date", known(f"Last-Modified: {at(-9)}", DATE), [untagged], []),
                ("a weak tag stored", a, [known('ETag: W/"a"')], []),
            ]
        )

    def test_weak_validators(self) -> None:
        """
        RFC 9111 section 4.3.4: of those with the same weak validator the newest is updated.
        """
        one = known('ETag: W/"a"', f"Date: {at(-5)}")
        two = known('ETag: W/"a"', f"Date: {at(-2)}")
        recent = f"Last-Modified: {at(-7)}"
        self.check(
            [
                ("the newest", known('ETag: W/"a"'), [one, two, one], [1]),
                ("strong when it was stored", known('ETag: W/"a"'), [known('ETag: "a"')], [0]),
                ("no such tag", known('ETag: W/"b"'), [one, two], []),
                (
                    "no entity tag, the same octets",
                    known("ETag: a"),
                    [known("ETag: a"), known("ETag: b")],
                    [0],
                ),
                (
                    "a date that was young",
                    known(recent, DATE),
                    [known(recent, f"Date: {at(-6)}"), known(recent, f"Date: {at(-5)}")],
                    [1],
                ),
            ]
        )

    def test_no_validator(self) -> None:
        """
        RFC 9111 section 4.3.4, and more: without a validator it is about the one response
        that it can be about.
        """
        self.check(
            [
                ("one without", known(DATE), [known(DATE)], [0]),
                ("one with", known(DATE), [known('ETag: "a"')], [0]),
                ("several", known(DATE), [known(DATE), known(DATE)], []),
                ("none", known(DATE), [], []),
            ]
        )


class HeadAgreesTests(SynchronousTestCase):
    def test_validators_and_length(self) -> None:
        """
        RFC 9111 section 4.3.5: every validator that is received, and the length, have to
        be the same.
        """
        stored = known('ETag: "a"', OLD, DATE)
        for answer, length, expected in [
            (known('ETag: "a"', OLD), 10, True),
            (known('ETag: "a"', OLD), None, True),
            (known(), None, True),
            (known('ETag: "b"', OLD), 10, False),
            (known('ETag: W/"a"'), 10, False),
            (known('ETag: "a"', f"Last-Modified: {at(-1)}"), 10, False),
            (known('ETag: "a"', OLD), 11, False),
        ]:
            self.assertEqual(head_agrees(stored, 10, answer, length), expected, (answer.etag, length))
        self.assertFalse(head_agrees(known(), 10, known('ETag: "a"'), 10))
        self.assertFalse(head_agrees(known(), None, known(), 10))
