from __future__ import annotations

from pathlib import Path
from random import Random

from pydantic import ValidationError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import IResource
from zope.interface.verify import verifyObject

from revproxy.catalog import built_ins
from revproxy.components.resources.redirect import Redirect, RedirectSettings
from revproxy.errors import BadRequest
from revproxy.exchange import Exchange
from revproxy.interfaces import IExchangeResource, IReceiver
from revproxy.registry import ComponentSpec, Environment
from tests.fakes import RecordingDownstream, an_exchange
from tests.service.proxies import ProxyTestCase, a_document, endpoints

ASKED = (b"/a/b", b"x=1&y=%2F", b"example.com:8080")

LOCATIONS = (
    ("https://{host}{target}", b"https://example.com/a/b?x=1&y=%2F"),
    ("https://{host}:8443{path}", b"https://example.com:8443/a/b"),
    ("{scheme}://www.{host}.example/{query}", None),
    ("{scheme}://new.example{target}", b"http://new.example/a/b?x=1&y=%2F"),
    ("https://[2001:db8::1]/?from={path}&{query}", b"https://[2001:db8::1]/?from=/a/b&x=1&y=%2F"),
    ("https://new.example", b"https://new.example"),
    ("/below{target}", b"/below/a/b?x=1&y=%2F"),
    ("/", b"/"),
)
"""
What may be asked for, and what comes of it; C{None} for what may not.
"""

NOT_TO_BE_HAD = (
    "",
    "new.example",
    "ftp://new.example/",
    "//new.example/",
    "/{target}",
    "/\\new.example",
    "{target}",
    "https://{target}",
    "https://{path}",
    "https:///new.example",
    "https://new.example{query}",
    "https://{host}{query}",
    "https://{host}.new.example/",
    "https://new.example:{query}/",
    "https://user@new.example/",
    "https://new.example/{port}",
    "https://new.example/{",
    "https://new.example/}",
    "https://new.example/{host",
    "https://new.example/{ta{host}rget}",
    "https://new.example/ x",
    "https://new.example/\r\nSet-Cookie: a=b",
    "https://new.example/\u00fc",
)


class RedirectTests(SynchronousTestCase):
    def redirect(self, to: str, status: int = 308) -> Redirect:
        settings = RedirectSettings.model_validate({"to": to, "status": status})
        environment = Environment(Clock(), Random(0), Path.cwd())
        made = built_ins().build(IResource, ComponentSpec("redirect", settings), environment)
        assert isinstance(made, Redirect)
        return made

    def answered(self, redirect: Redirect, exchange: Exchange) -> RecordingDownstream:
        verifyObject(IReceiver, redirect.answer(exchange))
        downstream = exchange.downstream
        assert isinstance(downstream, RecordingDownstream)
        return downstream

    def location(self, to: str, exchange: Exchange) -> bytes | None:
        downstream = self.answered(self.redirect(to), exchange)
        assert downstream.response is not None
        return downstream.response.fields.get(b"location")

    def test_resource(self) -> None:
        """
        It is a resource that answers exchanges itself.
        """
        verifyObject(IExchangeResource, self.redirect("https://{host}{target}"))

    def test_locations(self) -> None:
        """
        What is in braces is taken from the request, everything else as it is written.
        """
        path, query, authority = ASKED
        for to, expected in LOCATIONS:
            if expected is None:
                self.assertRaises(ValidationError, self.redirect, to)
                continue
            self.assertEqual(
                self.location(to, an_exchange(path=path, query=query, authority=authority)), expected
            )

    def test_no_query(self) -> None:
        """
        Without a query there is no question mark, and nothing in its place.
        """
        self.assertEqual(self.location("https://{host}{target}", an_exchange()), b"https://example.com/")
        self.assertEqual(self.location("/new?{query}", an_exchange()), b"/new?")

    def test_filled_in_once(self) -> None:
        """
        What the request brings is not filled in again.
        """
        exchange = an_exchange(path=b"/x", query=b"{host}")
        self.assertEqual(self.location("https://{host}{target}", exchange), b"https://example.com/x?{host}")

    def test_path_that_looks_like_a_host(self) -> None:
        """
        A path of two slashes stays a path.
        """
        exchange = an_exchange(path=b"//other.example/")
        self.assertEqual(
            self.location("https://{host}{target}", exchange), b"https://example.com//other.example/"
        )

    def test_asterisk(self) -> None:
        """
        C{OPTIONS *} is sent to the root.
        """
        exchange = an_exchange(method=b"OPTIONS", path=b"*")
        self.assertEqual(self.location("https://{host}{target}", exchange), b"https://example.com/")

    def test_statuses(self) -> None:
        """
        The status is the one that was asked for, with no body; by default the method is
        kept for ever.
        """
        self.assertEqual(RedirectSettings(to="/").status, 308)
        for status in (301, 302, 303, 307, 308):
            downstream = self.answered(self.redirect("/", status), an_exchange())
            assert downstream.response is not None
            self.assertEqual((downstream.response.status, downstream.response.length), (status, 0))
            self.assertNotEqual(downstream.response.reason, b"")
            self.assertEqual(downstream.calls, ["begin", "end"])
        for status in (200, 300, 304):
            self.assertRaises(ValidationError, self.redirect, "/", status)

    def test_not_to_be_had(self) -> None:
        """
        What is no URL, knows other names, or lets the request choose the host by its
        path or query is an error of the file.
        """
        for to in NOT_TO_BE_HAD:
            with self.assertRaises(ValidationError, msg=to):
                self.redirect(to)

    def test_no_host(self) -> None:
        """
        A request of HTTP/1.0 that names no host cannot be sent to it.
        """
        downstream = self.answered(self.redirect("https://{host}{target}"), an_exchange(authority=b""))
        self.assertIsInstance(downstream.error, BadRequest)
        self.assertEqual(
            self.location("https://new.example/", an_exchange(authority=b"")), b"https://new.example/"
        )

    def test_line_break(self) -> None:
        """
        Should a line break ever get as far as here, it gets no further.
        """
        exchange = an_exchange(path=b"/\r\nset-cookie: a=b")
        downstream = self.answered(self.redirect("https://{host}{target}"), exchange)
        self.assertIsInstance(downstream.error, BadRequest)
        self.assertEqual(downstream.calls, ["refuse"])


class ServedTests(ProxyTestCase):
    def test_http_to_https(self) -> None:
        """
        Everything that comes to one listener is sent to the other's scheme, and the
        connection goes on.
        """
        self.running(
            a_document(
                listeners=endpoints(web=8080, secure=8443),
                routes=[
                    {"listeners": ["web"], "resource": {"type": "redirect", "to": "https://{host}{target}"}},
                    {"upstream": "app"},
                ],
            )
        )
        client = self.network.client(8080)
        for _ in range(2):
            client.send(b"POST /a?b HTTP/1.1\r\nHost: Example.com:8080\r\nContent-Length: 2\r\n\r\nxy")
        self.assertEqual(client.received.count(b"HTTP/1.1 308 Permanent Redirect\r\n"), 2)
        self.assertEqual(client.received.count(b"location: https://example.com/a?b\r\n"), 2)
        self.assertEqual(self.network.outgoing, [])
        self.answered(8443)
