from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.check import check_parts
from revproxy.config.parts import readable_parts


class CheckTests(SynchronousTestCase):
    def said(self, **data: object) -> list[str]:
        complaints = check_parts(readable_parts(data))
        return [f"{'.'.join(map(str, path))}: {message}" for path, message in complaints]

    def test_names(self) -> None:
        """
        A name that leads nowhere is told, with those that lead somewhere.
        """
        self.assertEqual(
            self.said(
                listeners={"web": {}, "secure": {}},
                upstreams={"app": {}},
                routes=[
                    {"upstream": "ap", "listeners": ["web", "secur"], "filters": ["limit"]},
                    {"upstream": "app"},
                ],
            ),
            [
                "routes.0.upstream: no upstream is called 'ap'; there are: app (did you mean 'app'?)",
                "routes.0.filters.0: no filter is called 'limit'; there are none",
                "routes.0.listeners.1: no listener is called 'secur'; there are: secure, web"
                " (did you mean 'secure'?)",
            ],
        )

    def test_unused(self) -> None:
        """
        Upstreams and filters that no route names are told.
        """
        self.assertEqual(
            self.said(
                upstreams={"app": {}, "old": {}},
                filters={"stamp": {}, "limit": {}},
                routes=[{"upstream": "app", "filters": ["limit"]}, {"path": "/x", "upstream": "app"}],
            ),
            ["upstreams.old: no route uses it", "filters.stamp: no route uses it"],
        )

    def test_unused_by_mistake(self) -> None:
        """
        Where a route names what is not there, that alone is told, and where there are no
        routes yet nothing is.
        """
        self.assertEqual(
            self.said(upstreams={"app": {}, "old": {}}, filters={"x": {}}, routes=[{"upstream": "ap"}]),
            [
                "routes.0.upstream: no upstream is called 'ap'; there are: app, old (did you mean 'app'?)",
                "filters.x: no route uses it",
            ],
        )
        self.assertEqual(self.said(upstreams={"app": {}}, routes=[]), [])

    def test_needless_tls(self) -> None:
        """
        Options of TLS are told where no server speaks it, and only where that is sure.
        """
        tls = {"verify": False}
        for servers, complaints in (
            (["http://a", {"url": "HTTP+unix:///run/a", "weight": 2}], 1),
            (["http://a", "https://b"], 0),
            (["http://a", {"url": "https+unix:///run/a"}], 0),
            (["http://a", "htps://b"], 0),
            (["http://a", {"weight": 2}], 0),
            ([], 0),
            ("http://a", 0),
        ):
            upstreams = {"app": {"servers": servers, "tls": tls}, "b": {"servers": ["http://a"]}}
            said = self.said(upstreams=upstreams)
            wanted = ["upstreams.app.tls: does nothing: no server of the upstream is https"]
            self.assertEqual(said, wanted * complaints, servers)

    def test_repeated_routes(self) -> None:
        """
        A route that could never win is told, with the one that always does.
        """
        route = {"host": "a.b", "path": "/x", "upstream": "app"}
        self.assertEqual(
            self.said(
                upstreams={"app": {}}, routes=[route, {**route, "path": "/"}, {**route, "host": "A.B"}]
            ),
            ["routes.2: is for exactly the same requests as routes.0"],
        )

    def test_taken_endpoints(self) -> None:
        """
        Two listeners cannot have the same endpoint; port 0 is another one each time.
        """
        listeners = {"a": "tcp:80", "b": "tcp:port=80", "c": "tcp:81", "d": "tcp:0", "e": "tcp:0"}
        self.assertEqual(
            self.said(listeners={name: {"endpoint": endpoint} for name, endpoint in listeners.items()}),
            ["listeners.b.endpoint: cannot be listened on together with that of listeners.a"],
        )

    def test_taken_by_all_addresses(self) -> None:
        """
        Nor can one have an address of a port that another has all addresses of; each
        is told with the first that is in its way.
        """
        endpoints = {"a": "tcp:80:interface=127.0.0.1", "b": "tcp:80", "c": "tcp:80:interface=127.0.0.2"}
        self.assertEqual(
            self.said(listeners={name: {"endpoint": endpoint} for name, endpoint in endpoints.items()}),
            [
                "listeners.b.endpoint: cannot be listened on together with that of listeners.a",
                "listeners.c.endpoint: cannot be listened on together with that of listeners.b",
            ],
        )
