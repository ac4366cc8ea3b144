"""
Tests of L{revproxy.config.caching}.
"""

from __future__ import annotations

from revproxy.config.caching import CacheUseSettings
from tests.config.files import FileTestCase

FORM = """\
listeners: {{web: {{endpoint: tcp:8080}}}}
upstreams: {{app: {{servers: [http://127.0.0.1:8001]}}}}
caches: {{pages: memory}}
routes: [{{upstream: app, cache: {}}}]
"""


class CacheUseTests(FileTestCase):
    def use(self, written: str) -> CacheUseSettings:
        use = self.load(FORM.format(written)).routes[0].cache
        assert use is not None
        return use

    def said(self, written: str) -> list[tuple[str, str]]:
        problems = self.problems(FORM.format(written))
        return [(problem.key.removeprefix("routes.0."), problem.message) for problem in problems]

    def test_name_alone(self) -> None:
        """
        The name of a cache is short for a mapping with nothing else; nothing that is
        stale is used then, no client may purge, and nothing changes the key.
        """
        use = self.use("pages")
        self.assertEqual(use, self.use("{use: pages}"))
        self.assertEqual((use.use, use.ttl, use.purge_from, use.store_cookies), ("pages", {}, [], False))
        self.assertEqual((use.stale_while_revalidate, use.stale_if_error), (0, 0))
        self.assertEqual((use.key.headers, use.key.cookies, use.ignore_query), ([], [], []))

    def test_whole(self) -> None:
        """
        Lifetimes by status and parameters that do not count are written as people think
        of them.
        """
        use = self.use("{use: pages, ttl: {200: 10m, '404': 1m}, ignore_query: [utm_*], stale_if_error: 1h}")
        self.assertEqual(use.ttl, {200: 600, 404: 60})
        self.assertEqual((use.ignore_query, use.stale_if_error), ([b"utm_*"], 3600))

    def test_nameless(self) -> None:
        """
        A mapping needs the name of a cache, and a name has to be that of one.
        """
        self.assertIn(("cache.use", "is missing"), self.said("{ttl: {200: 1m}}"))
        message = "no cache is called 'page'; there are: pages (did you mean 'pages'?)"
        self.assertIn(("cache", message), self.said("page"))
        self.assertIn(("cache.use", message), self.said("{use: page}"))

    def test_unused(self) -> None:
        """
        A cache that no route uses is a slip.
        """
        problems = self.problems(FORM.format("null"))
        self.assertEqual(
            [(each.key, each.message) for each in problems], [("caches.pages", "no route uses it")]
        )

    def test_statuses(self) -> None:
        """
        Lifetimes are for statuses of final responses.
        """
        for status in ("99", "100", "600", "ok", "2xx", "true"):
            ((key, message),) = self.said(f"{{use: pages, ttl: {{{status}: 1m}}}}")
            self.assertIn("must be a status from 200 to 599", message)
            self.assertTrue(key.startswith("cache.ttl"), key)

    def test_parameters(self) -> None:
        """
        What cannot be the name of a parameter is refused, and so is to name those that
        count and those that do not.
        """
        for name in ("a=b", "a&b", "''", "7"):
            ((key, message),) = self.said(f"{{use: pages, ignore_query: [{name}]}}")
            self.assertEqual(key, "cache.ignore_query.0")
            self.assertIn("must be the name of a query parameter", message)
        for written in (
            "ignore_query: [a], key: {only_query: [b]}",
            "key: {only_query: [b], ignore_query: [a]}",
        ):
            ((key, message),) = self.said(f"{{use: pages, {written}}}")
            self.assertIn("exclude each other", message)

    def test_countries(self) -> None:
        """
        Countries need a file that tells them, and that does nothing without them.
        """
        self.assertEqual(
            self.said("{use: pages, key: {country: true}}"),
            [("cache.key.country", "needs geoip: a file that tells the countries of addresses")],
        )
        self.directory.joinpath("country.mmdb").touch()
        self.assertTrue(
            self.load(FORM.format("{use: pages, key: {country: true}}") + "geoip: country.mmdb\n").geoip
        )
        problems = self.problems(FORM.format("pages") + "geoip: country.mmdb\n")
        self.assertEqual(
            [(each.line, each.key, each.message) for each in problems],
            [(5, "geoip", "does nothing: no route has country in its key")],
        )

    def test_resource(self) -> None:
        """
        What the proxy answers itself is not cached.
        """
        text = FORM.format("pages").replace("upstream: app,", "resource: {type: static, directory: .},")
        self.assertIn("a resource is not relayed to", str([each.message for each in self.problems(text)]))
