"""
Tests of L{bench.request}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from bench.request import Request


class RequestTests(SynchronousTestCase):
    def test_get(self) -> None:
        """
        Without a body, it is a GET with its fields.
        """
        head = Request("/1k", fields=("Connection: close",)).head()
        self.assertEqual(head, b"GET /1k HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")

    def test_post(self) -> None:
        """
        With a body, it is a POST that says how long that is.
        """
        head = Request("/post", sent=5).head()
        self.assertEqual(head, b"POST /post HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\n")

    def test_size(self) -> None:
        """
        The last part of the path says what is answered.
        """
        paths = ("/64k", "/route-3/7/1k", "/post")
        self.assertEqual([Request(path).size for path in paths], [65536, 1024, 1024])
