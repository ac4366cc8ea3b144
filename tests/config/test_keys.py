from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.keys import Key, RequestKey, parse_key
from revproxy.config.settings import Settings, required
from revproxy.testing import stand_in_exchange

FIELDS = ((b"x-id", b"7"), (b"x-id", b"8"), (b"cookie", b"a=1; sid=abc; sid=d"), (b"x-empty", b""))


class Keyed(Settings):
    """
    Something that has a key.
    """

    key: Key = required("What requests have in common.")


class ParseKeyTests(SynchronousTestCase):
    def test_all(self) -> None:
        """
        Names of header fields do not depend on case, others do.
        """
        for text in ("client-ip", "path", "uri"):
            self.assertEqual(parse_key(text), RequestKey(text))
        self.assertEqual(parse_key("header:X-Id"), RequestKey("header", b"x-id"))
        self.assertEqual(parse_key("cookie:Sid"), RequestKey("cookie", b"Sid"))
        self.assertEqual(parse_key("query:a b:\xe9"), RequestKey("query", "a b:\xe9".encode()))

    def test_refused(self) -> None:
        """
        What is no key is refused with those that there are.
        """
        for value in ("", "ip", "path:x", "header", "header:", "query:", "Path", 5, None, ["path"]):
            error = self.assertRaises(ValueError, parse_key, value)
            self.assertIn("client-ip, path, uri, header:NAME, cookie:NAME, query:NAME", str(error))
        for value in ("header:a b", "cookie:a=b"):
            self.assertRaises(ValueError, parse_key, value)

    def test_settings(self) -> None:
        """
        Settings that are made in Python take a key as it is, and the schema knows how the
        file writes it.
        """
        key = RequestKey("path")
        self.assertIs(Keyed(key=key).key, key)
        pattern = Keyed.model_json_schema()["properties"]["key"]["pattern"]
        for text in ("client-ip", "uri", "header:X-Id"):
            self.assertTrue(re.match(pattern, text))
        self.assertIsNone(re.match(pattern, "header:"))


class RequestKeyTests(SynchronousTestCase):
    def of(self, text: str, target: bytes = b"/a?id=1&id=2&b=%20+&e=") -> bytes | None:
        return parse_key(text).of(stand_in_exchange(target, FIELDS, client="203.0.113.9"))

    def test_values(self) -> None:
        """
        A key is a part of the request as the client made it; of several the first counts.
        """
        for text, value in (
            ("client-ip", b"203.0.113.9"),
            ("path", b"/a"),
            ("uri", b"/a?id=1&id=2&b=%20+&e="),
            ("header:X-ID", b"7"),
            ("cookie:sid", b"abc"),
            ("query:id", b"1"),
            ("query:b", b"  "),
        ):
            self.assertEqual(self.of(text), value, text)

    def test_none(self) -> None:
        """
        A request may have no such key, or an empty one.
        """
        for text in ("header:x-other", "header:x-empty", "cookie:other", "query:other", "query:e"):
            self.assertIsNone(self.of(text), text)
        self.assertIsNone(self.of("query:id", b"/a"))
        self.assertIsNone(parse_key("client-ip").of(stand_in_exchange(client="")))
        self.assertIsNone(parse_key("cookie:a").of(stand_in_exchange(fields=[(b"cookie", b"a=")])))
