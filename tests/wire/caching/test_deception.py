"""
Tests of L{revproxy.wire.caching.deception}.
"""

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.deception import is_disguised


class IsDisguisedTests(SynchronousTestCase):
    def test_pages_under_the_names_of_files(self) -> None:
        """
        Pitfall 28: a page, or data for one, is no style sheet and no picture.
        """
        for path in [b"/account/x.css", b"/account.JS", b"/account;x.css", b"/account%2Fx.png", b"/a/.css"]:
            for content_type in [
                b"text/html",
                b"Text/HTML; charset=utf-8",
                b"application/json",
                b"application/ld+json",
            ]:
                self.assertTrue(is_disguised(path, content_type), (path, content_type))

    def test_everything_else(self) -> None:
        """
        Files of their own kind, pages under names of pages, and what is of no known kind
        are what they are.
        """
        for path, content_type in [
            (b"/x.css", b"text/css"),
            (b"/x.css", b"text/plain"),
            (b"/x.css", None),
            (b"/x.css", b""),
            (b"/", b"text/html"),
            (b"/x.html", b"text/html"),
            (b"/x.php", b"text/html"),
            (b"/css", b"text/html"),
            (b"/x.css/", b"text/html"),
            (b"/v1.2/users", b"application/json"),
            (b"/x.js.map", b"application/json"),
            (b"/x.webmanifest", b"application/manifest+json"),
        ]:
            self.assertFalse(is_disguised(path, content_type), (path, content_type))
