from __future__ import annotations

from collections.abc import Iterable
from random import Random

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.balancers.first import First
from revproxy.components.balancers.least_connections import LeastConnections
from revproxy.components.balancers.round_robin import RoundRobin
from revproxy.components.balancers.seal import LENGTH, Seal
from revproxy.components.balancers.sticky import MOST_COOKIES, MOST_REMEMBERED, Sticky, StickySettings
from revproxy.config.context import Context
from revproxy.exchange import Exchange
from revproxy.interfaces import IBalancer, IServer
from revproxy.registry import ComponentSpec, Environment
from revproxy.testing import (
    BalancerContract,
    ResponseFilterContract,
    WeightedBalancerContract,
    stand_in_exchange,
    stand_in_response,
    stand_in_servers,
)
from revproxy.wire.fields import Pair
from tests.config.files import MINIMAL, FileTestCase

SECRET = bytes(32)


class StickyContractTests(WeightedBalancerContract, ResponseFilterContract, SynchronousTestCase):
    """
    Clients without cookies.
    """

    @override
    def make_balancer(self) -> Sticky:
        return Sticky(RoundRobin(), Seal(SECRET, b"sticky"))

    make_response_filter = make_balancer
    test_provides_its_interface = BalancerContract.test_provides_its_interface


class StickyLeastContractTests(BalancerContract, SynchronousTestCase):
    """
    With a fallback that wants to hear of loads.
    """

    @override
    def make_balancer(self) -> Sticky:
        return Sticky(LeastConnections(), Seal(SECRET, b"sticky"))


class StickyTestCase(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.balancer = Sticky(RoundRobin(), Seal(SECRET, b"sticky"))
        self.servers = stand_in_servers(1, 1, 1)
        self.candidates: tuple[IServer, ...] = tuple(self.servers)

    def ask(self, *cookies: bytes, scheme: bytes = b"http") -> Exchange:
        """
        A request of a client, answered by the server that was picked.

        @param cookies: the values of its Cookie fields.
        """
        exchange = stand_in_exchange(fields=[(b"cookie", cookie) for cookie in cookies])
        exchange.request.scheme = scheme
        exchange.server = self.balancer.pick(self.candidates, exchange).name
        exchange.response = stand_in_response(fields=())
        self.balancer.filter_response(exchange, exchange.response)
        return exchange

    def set_by(self, exchange: Exchange) -> list[bytes]:
        assert exchange.response is not None
        return exchange.response.fields.get_all(b"set-cookie")

    def given(self, exchange: Exchange) -> bytes:
        """
        The cookie that a client got, as it sends it.
        """
        (value,) = self.set_by(exchange)
        return value.partition(b";")[0]

    def sent(self, exchange: Exchange) -> Iterable[Pair]:
        """
        What goes to the upstream.
        """
        return list(exchange.outbound.fields)


class StickyTests(StickyTestCase):
    def test_stays(self) -> None:
        """
        A client that sends its cookie goes where it was before, and gets no other.
        """
        first = self.ask()
        cookie = self.given(first)
        for _ in range(5):
            again = self.ask(cookie)
            self.assertEqual(again.server, first.server)
            self.assertEqual(self.set_by(again), [])
            self.assertEqual(again.why, ["sticky: the server of the client's cookie"])
        self.assertEqual(first.why, [])

    def test_others_are_shared_out(self) -> None:
        """
        Clients without a cookie go where the fallback says.
        """
        cookie = self.given(self.ask())
        for _ in range(5):
            self.ask(cookie)
        self.assertEqual({self.ask().server for _ in range(3)}, {server.name for server in self.servers})

    def test_server_is_not_to_be_had(self) -> None:
        """
        Where the server is gone, full or was tried, the fallback chooses, and the client
        gets a cookie for the other; then it stays there.
        """
        first = self.ask()
        cookie = self.given(first)
        self.candidates = tuple(server for server in self.servers if server.name != first.server)
        moved = self.ask(cookie)
        self.assertNotEqual(moved.server, first.server)
        self.assertEqual(moved.why, ["sticky: the client's cookie is for none of these servers"])
        self.candidates = tuple(self.servers)
        self.assertEqual(self.ask(self.given(moved)).server, moved.server)

    def test_another_answered(self) -> None:
        """
        The cookie is for the server that answered, whichever was picked first.
        """
        exchange = stand_in_exchange()
        self.balancer.pick(self.candidates, exchange)
        exchange.server = self.servers[2].name
        exchange.response = stand_in_response()
        self.balancer.filter_response(exchange, exchange.response)
        self.assertEqual(self.ask(self.given(exchange)).server, self.servers[2].name)

    def test_nobody_answered(self) -> None:
        """
        Where no server did there is no cookie.
        """
        response = stand_in_response(fields=())
        self.balancer.filter_response(stand_in_exchange(), response)
        self.assertEqual(list(response.fields), [])

    def test_other_names(self) -> None:
        """
        A server of the same name is the same server: in another worker, or after a restart
        with the same secret.
        """
        first = self.ask()
        self.balancer = Sticky(First(), Seal(SECRET, b"sticky"))
        self.candidates = tuple(stand_in_servers(1, 1, 1))
        self.assertEqual(self.ask(self.given(first)).server, first.server)

    def test_forged(self) -> None:
        """
        What is none of ours counts for nothing, and is replaced.
        """
        cookie = self.given(self.ask())
        for bad in (
            b"sticky=",
            b"sticky=" + self.candidates[0].name.encode(),
            cookie[:-1],
            cookie[:-1] + b"!",
        ):
            exchange = self.ask(bad)
            self.assertEqual(len(self.set_by(exchange)), 1)
            self.assertEqual(exchange.why, ["sticky: the client's cookie is for none of these servers"])

    def test_several(self) -> None:
        """
        Of several the first that is good counts, but not of any number.
        """
        first = self.ask()
        cookie, bad = self.given(first), b"sticky=" + b"x" * LENGTH
        exchange = self.ask(bad, b"a=1; " + cookie)
        self.assertEqual((exchange.server, self.set_by(exchange)), (first.server, []))
        self.assertEqual(len(self.set_by(self.ask(*[bad] * MOST_COOKIES, cookie))), 1)

    def test_bounded(self) -> None:
        """
        What is remembered of cookies does not grow with them.
        """
        for number in range(MOST_REMEMBERED + 10):
            for _ in range(2):
                self.ask(b"sticky=%0*d" % (LENGTH, number))
                self.ask(b"sticky=%d" % number)
        self.assertLessEqual(len(self.balancer._memo.known), MOST_REMEMBERED)
        self.assertEqual({len(known) for known in self.balancer._memo.known}, {LENGTH})


class HiddenTests(StickyTestCase):
    def test_taken_out(self) -> None:
        """
        The upstream does not see our cookie, but all others as they were.
        """
        cookie = self.given(self.ask())
        self.assertEqual(self.sent(self.ask(cookie)), [])
        self.assertEqual(
            self.sent(self.ask(b"a=1; " + cookie + b"; b=2", b"c= 3 ;d", cookie)),
            [(b"cookie", b"a=1; b=2"), (b"cookie", b"c= 3 ;d")],
        )

    def test_bad_ones_are_hidden(self) -> None:
        """
        Nor does it see those that are none of ours.
        """
        self.assertEqual(self.sent(self.ask(b"sticky=x; a=1")), [(b"cookie", b"a=1")])

    def test_request_stays(self) -> None:
        """
        The request as it was received stays as it was.
        """
        cookie = self.given(self.ask())
        self.assertEqual(self.ask(cookie).request.fields.get(b"cookie"), cookie)

    def test_untouched(self) -> None:
        """
        Where our cookie is not among them, fields are not looked into any further.
        """
        exchange = stand_in_exchange(fields=[(b"cookie", b"sticky2=1; asticky=2; sticky")])
        before = exchange.outbound.fields
        self.balancer.pick(self.candidates, exchange)
        self.assertIs(exchange.outbound.fields, before)
        self.assertEqual(before.get(b"cookie"), b"sticky2=1; asticky=2; sticky")


class CookieTests(StickyTestCase):
    def attributes(self, exchange: Exchange) -> bytes:
        (value,) = self.set_by(exchange)
        return value.partition(b";")[2]

    def test_tells_nothing(self) -> None:
        """
        Two clients of a server have cookies that look unrelated.
        """
        self.balancer = Sticky(First(), Seal(SECRET, b"sticky"))
        cookies = [self.given(self.ask()) for _ in range(10)]
        self.assertEqual(len(set(cookies)), 10)
        self.assertNotIn(self.servers[0].name.encode(), b"".join(cookies))

    def test_secure(self) -> None:
        """
        It is for TLS alone where the request came by TLS, always, or never.
        """
        for secure, plain, encrypted in ((None, False, True), (True, True, True), (False, False, False)):
            self.balancer = Sticky(First(), Seal(SECRET, b"s"), b"s", b"; HttpOnly", secure)
            self.assertEqual(self.attributes(self.ask()), b" HttpOnly; Secure" if plain else b" HttpOnly")
            asked = self.ask(scheme=b"https")
            self.assertEqual(self.attributes(asked), b" HttpOnly; Secure" if encrypted else b" HttpOnly")

    def test_cookies_of_the_upstream(self) -> None:
        """
        Those that the upstream sets stay.
        """
        exchange = stand_in_exchange()
        exchange.server = self.servers[0].name
        response = stand_in_response(fields=[(b"set-cookie", b"session=1")])
        self.balancer.filter_response(exchange, response)
        self.assertEqual(len(response.fields.get_all(b"set-cookie")), 2)


class SettingsTests(FileTestCase):
    def said(self, written: str) -> list[tuple[str, str]]:
        text = MINIMAL.replace("8001]}", f"8001], balancer: {{type: sticky, {written}}}}}")
        self.assertNotEqual(text, MINIMAL)
        problems = self.problems(text)
        return [(each.key.removeprefix("upstreams.app.balancer"), each.message) for each in problems]

    def test_cookies_that_browsers_drop(self) -> None:
        """
        What browsers would not take is refused, and told.
        """
        for written in (
            "cookie: __Host-a, secure: true",
            "cookie: __Secure-a, secure: true, path: /a",
            "same_site: none, secure: true",
            "same_site: null, secure: false, max_age: 1h, domain: example.com",
        ):
            self.assertEqual(self.said(written), [], written)
        for written, message in (
            ("cookie: __Host-a", "__Host-a is dropped by browsers without secure: true"),
            ("cookie: __Secure-a, secure: false", "__Secure-a is dropped by browsers without secure: true"),
            ("cookie: __Host-a, secure: true, path: /a", "dropped by browsers with a path or a domain"),
            ("cookie: __Host-a, secure: true, domain: a.test", "dropped by browsers with a path or a domain"),
            ("same_site: none", "same_site: none is dropped by browsers without secure: true"),
            ("path: /a;b", "a cookie's path cannot hold a semicolon"),
        ):
            ((_, said),) = self.said(written)
            self.assertIn(message, said)

    def test_secret(self) -> None:
        """
        The secret's file is looked into, and where it is wrong is told.
        """
        self.directory.joinpath("short").write_text("x")
        self.directory.joinpath("long").write_text("x" * 32)
        ((key, message),) = self.said("secret: short")
        self.assertEqual(key, ".secret")
        self.assertIn("a secret has at least 32", message)
        self.assertEqual(self.said("secret: long"), [])

    def test_fallback(self) -> None:
        """
        The fallback is any balancer with its options, but one that sets cookies itself.
        """
        self.assertEqual(self.said("fallback: {type: consistent-hash, key: path, fallback: random}"), [])
        ((key, message),) = self.said("fallback: {type: consistent-hash, key: pat}")
        self.assertEqual(key, ".fallback.key")
        self.assertIn("must be one of client-ip", message)
        ((key, message),) = self.said("fallback: sticky")
        self.assertIn("Sticky cannot be a fallback: it changes responses", message)

    def test_made(self) -> None:
        """
        What the file says is what the cookie has.
        """
        settings = StickySettings.model_validate(
            {"cookie": "a", "path": "/b", "domain": "c.test", "max_age": "1m", "same_site": "strict"},
            context=Context(self.registry, self.directory),
        )
        environment = Environment(Clock(), Random(1), self.directory)
        made = self.registry.build(IBalancer, ComponentSpec("sticky", settings), environment)
        exchange, response = stand_in_exchange(), stand_in_response(fields=())
        exchange.server = "http://a.test"
        made.filter_response(exchange, response)
        name, _, rest = (response.fields.get(b"set-cookie") or b"").partition(b"=")
        self.assertEqual(name, b"a")
        self.assertEqual(
            rest.partition(b"; ")[2], b"Path=/b; Domain=c.test; Max-Age=60; SameSite=Strict; HttpOnly"
        )
