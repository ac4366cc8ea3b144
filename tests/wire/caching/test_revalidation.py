"""
Tests of L{revproxy.wire.caching.revalidation}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.revalidation import not_modified_fields, validating_fields
from revproxy.wire.caching.validators import read_validators
from tests.wire.caching.messages import NOW, at, fields

OLD = f"Last-Modified: {at(-3000)}"


def asking(request: list[str], *stored: list[str]) -> list[tuple[bytes, bytes]]:
    return list(
        validating_fields(fields(*request), [read_validators(fields(*lines), NOW) for lines in stored])
    )


class ValidatingFieldsTests(SynchronousTestCase):
    def test_validators(self) -> None:
        """
        RFC 9111 section 4.3.1: both kinds of validators are sent as they were received.
        """
        for stored, expected in [
            (['ETag: "abcdef"'], ['If-None-Match: "abcdef"']),
            (['ETag: W/"abcdef"'], ['If-None-Match: W/"abcdef"']),
            (["ETag: abcdef"], ["If-None-Match: abcdef"]),
            ([OLD], [f"If-Modified-Since: {at(-3000)}"]),
            (
                ["Last-Modified: Thursday, 18-Aug-05 02:01:18 GMT"],
                ["If-Modified-Since: Thursday, 18-Aug-05 02:01:18 GMT"],
            ),
            (["Last-Modified: yesterday"], []),
            (['ETag: "a"', OLD], ['If-None-Match: "a"', f"If-Modified-Since: {at(-3000)}"]),
            ([], []),
        ]:
            self.assertEqual(asking(["Abc: 123"], stored), list(fields("Abc: 123", *expected)), stored)

    def test_several_stored_responses(self) -> None:
        """
        RFC 9111 section 4.3.1: the entity tags of all are sent, each once, and no date.
        """
        found = asking([], ['ETag: "a"', OLD], ['ETag: W/"b"'], [OLD], ['ETag: "a"'])
        self.assertEqual(found, list(fields('If-None-Match: "a", W/"b"')))

    def test_conditions_of_the_client(self) -> None:
        """
        RFC 9111 section 4.3.2: what the client has of its own does not go on; all other
        fields do, those that Vary names too.
        """
        request = [
            "Abc: 123",
            'If-None-Match: "x"',
            "If-Modified-Since: x",
            'If-Match: "x"',
            "If-Unmodified-Since: x",
            'If-Range: "x"',
            "Range: bytes=0-1",
            "Cache-Control: no-cache",
        ]
        self.assertEqual(
            asking(request, ['ETag: "a"']),
            list(fields("Abc: 123", "Cache-Control: no-cache", 'If-None-Match: "a"')),
        )
        self.assertEqual(asking(request), list(fields("Abc: 123", "Cache-Control: no-cache")))


class NotModifiedFieldsTests(SynchronousTestCase):
    def test_fields(self) -> None:
        """
        RFC 9110 section 15.4.5: what a 200 would have goes with a 304, but for what
        describes the content.
        """
        kept = [
            f"Date: {at(0)}",
            'ETag: "abcdef"',
            "Vary: Foo",
            "Cache-Control: max-age=60",
            f"Expires: {at(60)}",
            "Content-Location: /a",
            "Content-Security-Policy: default-src 'self'",
            "Access-Control-Allow-Origin: *",
            "Age: 5",
        ]
        gone = [
            "Content-Type: text/plain",
            "Content-Encoding: gzip",
            "Content-Language: en",
            "Accept-Ranges: bytes",
            OLD,
        ]
        self.assertEqual(list(not_modified_fields(fields(*kept, *gone))), list(fields(*kept)))

    def test_date_of_modification(self) -> None:
        """
        RFC 9110 section 15.4.5: it stays where there is no entity tag.
        """
        self.assertEqual(list(not_modified_fields(fields(OLD))), list(fields(OLD)))
