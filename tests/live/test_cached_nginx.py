"""
The cache before nginx.
"""

from __future__ import annotations

import gzip
import os
import re
import ssl

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.caches import Client, Response, caching, with_tls
from tests.live.nginx import Nginx
from tests.live.proxy import Proxy

PAGE = b"".join(b"line %d\n" % number for number in range(10_000))
NEWER = b"newer " + PAGE

SERVER = """
        location /hour/ { alias www/; expires 1h; }
        location /stale/ { alias www/; expires 0; }
        location /tagged/ { alias www/; expires 1h; add_header Cache-Tag "pages, news"; }
        location /packed/ {
            alias www/;
            expires 1h;
            gzip on;
            gzip_types *;
            gzip_min_length 0;
            gzip_proxied any;
            gzip_vary on;
        }
"""

GZIP = {"Accept_Encoding": "gzip"}


class CachedNginxCase(SynchronousTestCase):
    """
    @cvar secure: whether the client speaks TLS.
    """

    secure = False

    @override
    def setUp(self) -> None:
        self.origin = Nginx(self, SERVER)
        self.write(PAGE, modified=1_000_000_000)
        document = caching(self.origin.url)
        context: ssl.SSLContext | None = with_tls(self, document)
        self.client = Client(self, Proxy(self, document), context if self.secure else None)
        self.ask = self.client.ask

    def write(self, page: bytes, modified: int) -> None:
        path = self.origin.root / "page.txt"
        path.write_bytes(page)
        os.utime(path, (modified, modified))

    def asked(self) -> int:
        """
        How many requests the origin has answered.
        """
        return len(self.origin.connections())

    def assertHit(self, response: Response) -> Response:
        self.assertTrue(response.is_hit, response)
        self.assertIn("age", response.fields)
        return response

    def assertMiss(self, response: Response) -> Response:
        self.assertRegex(response.told, "^fwd=(uri|vary)-miss; fwd-status=200; stored$")
        return response

    def check_ranges(self) -> None:
        """
        Ask for one part of a file, the last of it, several, and what there is none of.
        """
        fields = self.ask("/hour/page.txt").fields

        def part(value: str, **more: str) -> Response:
            return self.assertHit(self.ask("/hour/page.txt", Range=f"bytes={value}", **more))

        inner = part("100-199")
        self.assertEqual((inner.status, inner.body), (206, PAGE[100:200]))
        self.assertEqual(inner.fields["content-range"], f"bytes 100-199/{len(PAGE)}")
        self.assertEqual(part("-50").body, PAGE[-50:])
        self.assertEqual(part(f"{len(PAGE) - 5}-").body, PAGE[-5:])
        self.assertEqual(part("5-9", If_Range=fields["etag"]).body, PAGE[5:10])
        self.assertEqual(part("5-9", If_Range=fields["last-modified"]).body, PAGE[5:10])
        self.assertEqual(part("5-9", If_Range='"other"').body, PAGE)
        none = part("9999999-")
        self.assertEqual((none.status, none.fields["content-range"]), (416, f"bytes */{len(PAGE)}"))
        self.check_several(part("0-9,1000-1009,-10"))
        self.assertEqual(self.asked(), 1)

    def check_several(self, response: Response) -> None:
        """
        The answer to a request for three parts of ten octets.
        """
        self.assertEqual(response.status, 206)
        kind = re.fullmatch('multipart/byteranges; boundary="?([^"]+)"?', response.fields["content-type"])
        assert kind is not None, response.fields
        before, *parts, behind = response.body.split(b"--" + kind[1].encode())
        self.assertEqual((before.strip(), behind.strip()), (b"", b"--"))
        bodies = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts]
        self.assertEqual(bodies, [PAGE[:10], PAGE[1000:1010], PAGE[-10:]])


class CachedNginxTests(CachedNginxCase):
    def test_kept(self) -> None:
        """
        A file is asked for once, and the next time comes with the same fields; HEAD gets
        them, too, and nothing of the body.  It is so, too, where the origin only says when the
        file was last modified.
        """
        first, second = self.ask("/hour/page.txt"), self.ask("/hour/page.txt")
        self.assertMiss(first)
        self.assertHit(second)
        self.assertEqual((second.status, second.body), (200, PAGE))
        head = self.assertHit(self.ask("/hour/page.txt", "HEAD"))
        self.assertEqual((head.status, head.body), (200, b""))
        for name in ("content-type", "content-length", "etag", "last-modified", "expires", "date"):
            self.assertIn(name, first.fields)
            self.assertEqual({each.fields[name] for each in (second, head)}, {first.fields[name]})
        self.assertMiss(self.ask("/page.txt"))
        self.assertHit(self.ask("/page.txt"))
        self.assertEqual(self.asked(), 2)

    def test_conditional(self) -> None:
        """
        A client that has the file already is told so by the cache.
        """
        fields = self.ask("/hour/page.txt").fields
        for condition in (
            {"If_None_Match": fields["etag"]},
            {"If_None_Match": f'"other", W/{fields["etag"]}'},
            {"If_Modified_Since": fields["last-modified"]},
        ):
            known = self.assertHit(self.ask("/hour/page.txt", **condition))
            self.assertEqual((known.status, known.body, known.fields["etag"]), (304, b"", fields["etag"]))
        unknown = self.assertHit(self.ask("/hour/page.txt", If_None_Match='"other"'))
        self.assertEqual((unknown.status, unknown.body), (200, PAGE))
        self.assertEqual(self.asked(), 1)

    def test_ranges(self) -> None:
        """
        Parts of a kept file come from the cache.
        """
        self.check_ranges()

    def test_validated(self) -> None:
        """
        A stale file is validated, which costs no body; one that was changed is seen.
        """
        self.assertMiss(self.ask("/stale/page.txt"))
        same = self.ask("/stale/page.txt")
        self.assertRegex(same.told, "^fwd=stale; fwd-status=304; ttl=-?[01]; stored$")
        self.assertEqual((same.status, same.body), (200, PAGE))
        self.write(NEWER, modified=1_000_000_500)
        changed = self.ask("/stale/page.txt")
        self.assertEqual(changed.told, "fwd=stale; fwd-status=200; stored")
        self.assertEqual(changed.body, NEWER)
        self.assertEqual(self.ask("/stale/page.txt").body, NEWER)

    def test_reload(self) -> None:
        """
        A changed file is not seen while the old one is fresh, but by who asks for it anew,
        and from then on by all.
        """
        self.ask("/hour/page.txt")
        self.write(NEWER, modified=1_000_000_500)
        self.assertEqual(self.assertHit(self.ask("/hour/page.txt")).body, PAGE)
        reloaded = self.ask("/hour/page.txt", Cache_Control="no-cache")
        self.assertRegex(reloaded.told, "^fwd=request; fwd-status=200; stored")
        self.assertEqual(reloaded.body, NEWER)
        self.assertEqual(self.assertHit(self.ask("/hour/page.txt")).body, NEWER)

    def test_packed(self) -> None:
        """
        The packed form is for those who take it, and the plain one for the others; both are
        kept.
        """
        packed, plain = self.ask("/packed/page.txt", **GZIP), self.ask("/packed/page.txt")
        self.assertMiss(packed)
        self.assertMiss(plain)
        self.assertEqual(packed.fields["vary"], "Accept-Encoding")
        self.assertEqual((gzip.decompress(packed.body), plain.body), (PAGE, PAGE))
        again = self.assertHit(self.ask("/packed/page.txt", **GZIP))
        self.assertEqual(again.body, packed.body)
        self.assertEqual(again.fields["content-encoding"], "gzip")
        again = self.assertHit(self.ask("/packed/page.txt"))
        self.assertEqual((again.body, again.fields["content-encoding"]), (PAGE, None))
        self.assertEqual(self.asked(), 2)

    def test_purged(self) -> None:
        """
        One URL is purged with all its forms, and so are those with a prefix or a tag, which no
        client gets to see.  What is purged softly is validated.
        """
        for purged, fields, count in (
            ("/packed/page.txt", {}, 2),
            ("/packed/*", {}, 2),
            ("/packed/page.txt?*", {}, 0),
            ("/", {"Cache_Tag": "news"}, 1),
            ("/", {"Cache_Tag": "sports"}, 0),
            ("/*", {}, 4),
        ):
            for path in ("/packed/page.txt", "/hour/page.txt", "/tagged/page.txt"):
                self.assertNotIn("cache-tag", self.ask(path).fields)
            self.ask("/packed/page.txt", **GZIP)
            self.assertEqual(self.client.purge(purged, **fields), b'{"purged": %d}\n' % count)
        self.assertMiss(self.ask("/hour/page.txt"))
        self.ask("/hour/page.txt")
        self.client.purge("/hour/page.txt", Purge_Mode="soft")
        self.assertRegex(self.ask("/hour/page.txt").told, "^fwd=stale; fwd-status=304; ttl=[0-9]+; stored$")
        self.assertHit(self.ask("/hour/page.txt"))


class SecureCachedNginxTests(CachedNginxCase):
    secure = True

    def test_ranges(self) -> None:
        """
        So do they over TLS.
        """
        self.check_ranges()
