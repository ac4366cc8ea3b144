"""
Tests of L{revproxy.wire.refusal}.
"""

import json
from http import HTTPStatus

from twisted.trial.unittest import SynchronousTestCase

from revproxy import errors
from revproxy.wire.refusal import REASONS, refusal

KINDS = [None, b"text/html", b"application/json"]


class ReasonsTests(SynchronousTestCase):
    def test_registered_statuses(self) -> None:
        """
        Each status of the standard library that IANA registers has a phrase; 306, 418
        and 509 are not in use.
        """
        registered = {int(status) for status in HTTPStatus} - {418}
        self.assertEqual(registered - set(REASONS), set())
        self.assertEqual(set(REASONS) & {306, 418, 509}, set())

    def test_phrases_of_rfc_9110(self) -> None:
        """
        The phrases are those of RFC 9110, also where the standard library has older ones.
        """
        self.assertEqual(REASONS[413], b"Content Too Large")
        self.assertEqual(REASONS[414], b"URI Too Long")
        self.assertEqual(REASONS[422], b"Unprocessable Content")


class RefusalTests(SynchronousTestCase):
    def test_kinds(self) -> None:
        """
        The body comes as the client accepts it, as plain text by default.
        """
        self.assertEqual(refusal(404, None), (b"text/plain; charset=utf-8", b"404 Not Found\n"))
        content_type, body = refusal(404, b"text/html, */*;q=0.1")
        self.assertEqual(content_type, b"text/html; charset=utf-8")
        self.assertIn(b"<h1>404 Not Found</h1>", body)
        content_type, body = refusal(404, b"application/json")
        self.assertEqual(content_type, b"application/json")
        self.assertEqual(json.loads(body), {"status": 404, "reason": "Not Found"})

    def test_every_error_has_a_body(self) -> None:
        """
        Each status that an exchange can end with has a body of every kind, which
        names the status and its phrase and is small.
        """
        statuses = {value.status for value in vars(errors).values() if hasattr(value, "status")}
        self.assertGreater(len(statuses), 10)
        for status in statuses:
            for accept in KINDS:
                _, body = refusal(status, accept)
                self.assertIn(b"%d" % status, body)
                self.assertIn(REASONS[status], body)
                self.assertLess(len(body), 200)

    def test_no_word_about_what_stands_behind(self) -> None:
        """
        No body names the proxy, its version, or an upstream.
        """
        for status in REASONS:
            for accept in KINDS:
                body = refusal(status, accept)[1].lower()
                for word in (b"revproxy", b"twisted", b"python", b"upstream", b"127.0.0.1"):
                    self.assertNotIn(word, body)

    def test_nothing_is_reflected(self) -> None:
        """
        What the client sent comes back in no body.
        """
        self.assertEqual(refusal(400, b"<script>, text/html"), refusal(400, b"text/html"))

    def test_unregistered_status(self) -> None:
        """
        A status of a filter's own that IANA does not know is named by its class.
        """
        self.assertEqual(refusal(499, None)[1], b"499 Client Error\n")
        self.assertEqual(refusal(599, None)[1], b"599 Server Error\n")
