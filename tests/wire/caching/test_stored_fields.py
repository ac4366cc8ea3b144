"""
Tests of L{revproxy.wire.caching.stored_fields}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.response_directives import read_response_directives
from revproxy.wire.caching.stored_fields import stored_fields
from tests.wire.caching.messages import NOW, at, fields

DATE = f"Date: {at(-5)}"


def kept(*lines: str) -> list[tuple[bytes, bytes]]:
    received = fields(*lines)
    return list(stored_fields(received, read_response_directives(received), NOW + 0.9))


class StoredFieldsTests(SynchronousTestCase):
    def test_all_fields_are_stored(self) -> None:
        """
        RFC 9111 section 3.1: fields are stored as they are, unknown ones too.
        """
        lines = [
            DATE,
            "Test-Header: a",
            "X-Test-Header: a",
            "Content-Foo: a",
            "X-Content-Foo: a",
            "Cache-Control: max-age=3600",
            "Content-Encoding: gzip",
            "Content-Location: /foo",
            "Content-MD5: rL0Y20zC+Fzt72VPzMSk2A==",
            "Content-Range: x",
            "Content-Security-Policy: default-src 'self'",
            "Content-Type: text/plain",
            "Clear-Site-Data: cache",
            'ETag: "abcdef"',
            f"Expires: {at(60)}",
            "Public-Key-Pins: a",
            "Set-Cookie: a=b",
            "Set-Cookie: c=d",
            "Set-Cookie2: a=b",
            "X-Frame-Options: deny",
            "X-XSS-Protection: 1",
            "Proxy-Status: a",
            "Cache-Status: OriginCache; hit",
        ]
        self.assertEqual(kept(*lines), list(fields(*lines)))

    def test_fields_of_the_connection(self) -> None:
        """
        Pitfall 8, RFC 9111 section 3.1: what belongs to one connection or one proxy, and
        what Connection names, is not stored; neither is the framing.
        """
        for name in [
            "Connection",
            "Keep-Alive",
            "Proxy-Authenticate",
            "Proxy-Authentication-Info",
            "Proxy-Authorization",
            "Proxy-Connection",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "Content-Length",
        ]:
            self.assertEqual(kept(DATE, f"{name}: x"), list(fields(DATE)), name)
        self.assertEqual(kept("Connection: a, B", "a: 1", DATE, "b: 2", "c: 3"), list(fields(DATE, "c: 3")))

    def test_fields_that_directives_name(self) -> None:
        """
        RFC 9111 sections 5.2.2.4 and 5.2.2.7: the fields that no-cache and private name
        are not stored, the rest is.
        """
        for directive in ['no-cache="a, B"', 'private="a, B"', 'no-cache="a", private="b"']:
            control = f"Cache-Control: max-age=3600, {directive}"
            self.assertEqual(
                kept(DATE, "a: 1", control, "b: 2", "c: 3"), list(fields(DATE, control, "c: 3")), directive
            )

    def test_age(self) -> None:
        """
        RFC 9111 section 5.1: every answer gets an age of its own.
        """
        self.assertEqual(kept(DATE, "Age: 5"), list(fields(DATE)))

    def test_date(self) -> None:
        """
        RFC 9110 section 6.6.1: a response without a date gets the time when it came, and
        so does one whose date is invalid; any other is kept.
        """
        self.assertEqual(kept("a: 1"), list(fields("a: 1", f"Date: {at(0)}")))
        self.assertEqual(kept("Date: foo", "a: 1"), list(fields("a: 1", f"Date: {at(0)}")))
        self.assertEqual(kept(f"Date: {at(-9000)}"), list(fields(f"Date: {at(-9000)}")))
