"""
Tests of L{revproxy.discovery.dns}.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError
from twisted.internet.task import Clock
from twisted.names import dns
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.config.resolving import NameServer
from revproxy.discovery.answers import ANY_FAMILY, Addresses, LookUpFailed, Services
from revproxy.discovery.dns import DnsResolver
from revproxy.discovery.question import Question
from tests.discovery.resolvers import service
from tests.discovery.test_question import reply
from tests.discovery.test_records import a, aaaa, srv

ONE = NameServer("192.0.2.1")
TWO = NameServer("192.0.2.2", 5353)


class Servers:
    """
    Servers of DNS, asked in one way.

    @ivar asked: the questions that are not answered, each as server, name and type.
    @ivar given_up: how many are not wanted any more.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[NameServer, str, int]] = []
        self.given_up = 0
        self._waiting: list[tuple[Deferred[dns.Message], Question]] = []

    def __call__(self, server: NameServer, question: Question) -> Deferred[dns.Message]:
        (query,) = reply(question).queries
        self.asked.append((server, query.name.name.decode(), query.type))
        answer: Deferred[dns.Message] = Deferred(self._give_up)
        self._waiting.append((answer, question))
        return answer

    def answer(self, index: int = 0, *records: dns.RRHeader, **more: Any) -> None:
        answer, question = self._take(index)
        answer.callback(reply(question, answers=list(records), **more))

    def fail(self, index: int, error: Exception) -> None:
        self._take(index)[0].errback(error)

    def _take(self, index: int) -> tuple[Deferred[dns.Message], Question]:
        del self.asked[index]
        return self._waiting.pop(index)

    def _give_up(self, answer: Deferred[dns.Message]) -> None:
        index = [waiting for waiting, _ in self._waiting].index(answer)
        self._take(index)
        self.given_up += 1


class DnsCase(SynchronousTestCase):
    """
    @ivar udp: servers that are asked by datagrams.
    @ivar tcp: servers that are asked by streams.
    """

    @override
    def setUp(self) -> None:
        self.clock = Clock()
        self.udp, self.tcp = Servers(), Servers()
        self.hosts = Path(self.mktemp())
        self.resolver = self.make()

    def make(self, families: frozenset[int] = ANY_FAMILY) -> DnsResolver:
        return DnsResolver(
            self.clock, self.udp, self.tcp, families, 30.0, 4.0, lambda: (ONE, TWO), str(self.hosts)
        )

    def assertAtRest(self) -> None:
        self.assertEqual((self.udp.asked, self.tcp.asked, self.clock.getDelayedCalls()), ([], [], []))


class AddressesTests(DnsCase):
    def test_both_versions(self) -> None:
        """
        Both versions are asked for at once, and their addresses hold as long as the shorter.
        """
        answer = self.resolver.addresses("app.test")
        self.assertEqual(self.udp.asked, [(ONE, "app.test", dns.A), (ONE, "app.test", dns.AAAA)])
        self.udp.answer(1, aaaa("app.test", "::2", 7))
        self.assertNoResult(answer)
        self.udp.answer(0, a("app.test", "192.0.2.1", 9))
        self.assertEqual(self.successResultOf(answer), Addresses(["192.0.2.1", "::2"], 7.0))
        self.assertAtRest()

    def test_one_version(self) -> None:
        """
        If wanted, only one.
        """
        answer = self.make(frozenset((6,))).addresses("app.test")
        self.assertEqual(self.udp.asked, [(ONE, "app.test", dns.AAAA)])
        self.udp.answer(0, aaaa("app.test", "::2"))
        self.assertEqual(self.successResultOf(answer).addresses, ["::2"])

    def test_of_one_version_only(self) -> None:
        """
        A name that has no addresses of one version has those of the other.
        """
        answer = self.resolver.addresses("app.test")
        self.udp.answer(0, a("app.test", "192.0.2.1"))
        self.udp.answer(0)
        self.assertEqual(self.successResultOf(answer), Addresses(["192.0.2.1"], 60.0))

    def test_half_known(self) -> None:
        """
        Where one version cannot be found out that is told with the other.
        """
        answer = self.resolver.addresses("app.test")
        self.udp.answer(0, a("app.test", "192.0.2.1"))
        for _ in range(4):
            self.udp.answer(0, rCode=dns.ESERVER)
        self.assertEqual(self.successResultOf(answer), Addresses(["192.0.2.1"], 60.0, frozenset((6,))))

    def test_none(self) -> None:
        """
        A name without addresses, or none such, is no answer.
        """
        for code in (dns.OK, dns.ENAME):
            answer = self.resolver.addresses("app.test")
            self.udp.answer(0, rCode=code)
            self.udp.answer(0, rCode=code)
            failure = self.failureResultOf(answer, LookUpFailed)
            self.assertEqual(failure.getErrorMessage(), "there is no such name, or it has no address")

    def test_hosts(self) -> None:
        """
        What is in /etc/hosts is taken from there, as it is now.
        """
        self.hosts.write_text("192.0.2.9 other app.TEST # app\n::9 app.test\n")
        self.assertEqual(
            self.successResultOf(self.resolver.addresses("app.test")), Addresses(["192.0.2.9", "::9"], 30.0)
        )
        answer = self.make(frozenset((4,))).addresses("app.test")
        self.assertEqual(self.successResultOf(answer).addresses, ["192.0.2.9"])
        self.hosts.write_text("192.0.2.8 app.test\n")
        self.assertEqual(self.successResultOf(self.resolver.addresses("app.test")).addresses, ["192.0.2.8"])
        self.assertAtRest()


class ServersTests(DnsCase):
    """
    Which server is asked, and how.
    """

    def looked_up(self) -> Deferred[Addresses]:
        self.resolver = self.make(frozenset((4,)))
        return self.resolver.addresses("app.test")

    def servers(self) -> list[NameServer]:
        return [server for server, _, _ in self.udp.asked]

    def test_next_one(self) -> None:
        """
        Where a server fails, refuses, or is not to be reached, the next is asked.
        """
        answer = self.looked_up()
        self.udp.answer(0, rCode=dns.EREFUSED)
        self.assertEqual(self.servers(), [TWO])
        self.udp.fail(0, ConnectionRefusedError(111, "Connection refused"))
        self.assertEqual(self.servers(), [ONE])
        self.udp.answer(0, a("app.test", "192.0.2.1"))
        self.successResultOf(answer)
        self.assertAtRest()

    def test_late(self) -> None:
        """
        A server that does not answer is asked twice within the time that there is, and
        the others, too.
        """
        answer = self.looked_up()
        asked = []
        for _ in range(4):
            asked += self.servers()
            self.clock.advance(1.0)
        self.assertEqual(asked, [ONE, TWO, ONE, TWO])
        failure = self.failureResultOf(answer, LookUpFailed)
        self.assertEqual(failure.getErrorMessage(), "name server 192.0.2.2 does not answer")
        self.assertEqual(self.udp.given_up, 4)
        self.assertAtRest()

    def test_remembered(self) -> None:
        """
        The one that answered is asked first from then on, until another does in its place.
        """
        self.resolver.services("app.test")
        self.clock.advance(1.0)
        self.udp.answer(0, srv("app.test", 0, 1, 80, b"a.test"))
        for number in range(3):
            answer = self.resolver.services(f"{number}.test")
            self.assertEqual(self.udp.asked[0][0], TWO)
            self.udp.answer(0, srv(f"{number}.test", 0, 1, 80, b"a.test"))
            self.successResultOf(answer)
        self.resolver.services("app.test")
        self.clock.advance(1.0)
        self.udp.answer(0, srv("app.test", 0, 1, 80, b"a.test"))
        self.resolver.services("last.test")
        self.assertEqual(self.udp.asked[0][0], ONE)
        self.udp.answer(0, srv("last.test", 0, 1, 80, b"a.test"))
        self.assertAtRest()

    def test_reasons(self) -> None:
        """
        The failure says what the last server said.
        """
        for code, said in (
            (dns.ESERVER, "fails"),
            (dns.EREFUSED, "refuses to answer"),
            (9, "fails with code 9"),
        ):
            answer = self.looked_up()
            for _ in range(4):
                self.udp.answer(0, rCode=code)
            failure = self.failureResultOf(answer, LookUpFailed)
            self.assertEqual(failure.getErrorMessage(), f"name server 192.0.2.2 {said}")

    def test_large(self) -> None:
        """
        What does not fit into a datagram is asked for by a stream, of the same server.
        """
        answer = self.looked_up()
        self.udp.answer(0, a("app.test", "192.0.2.1"), trunc=1)
        self.assertEqual(self.tcp.asked, [(ONE, "app.test", dns.A)])
        self.tcp.answer(0, a("app.test", "192.0.2.2"), a("app.test", "192.0.2.3"))
        self.assertEqual(self.successResultOf(answer).addresses, ["192.0.2.2", "192.0.2.3"])
        self.assertAtRest()

    def test_large_and_unreachable(self) -> None:
        """
        Where that is not possible the next server is asked.
        """
        answer = self.looked_up()
        self.udp.answer(0, trunc=1)
        self.tcp.fail(0, ConnectError())
        self.assertEqual(self.servers(), [TWO])
        self.udp.answer(0, trunc=1)
        self.clock.advance(1.0)
        self.assertEqual((self.servers(), self.tcp.given_up), ([ONE], 1))
        self.assertNoResult(answer)

    def test_cancelled(self) -> None:
        """
        Pitfall 44: a look-up that is not wanted any more leaves nothing behind, and asks
        nobody else.
        """
        for step in (lambda: None, lambda: self.udp.answer(0, trunc=1)):
            answer = self.looked_up()
            step()
            answer.cancel()
            self.failureResultOf(answer, CancelledError)
            self.assertAtRest()
        both = self.make().addresses("app.test")
        both.cancel()
        self.failureResultOf(both, CancelledError)
        self.assertAtRest()


class ServicesTests(DnsCase):
    def test_services(self) -> None:
        """
        Services come with all that their records say.
        """
        answer = self.resolver.services("_app.test")
        self.assertEqual(self.udp.asked, [(ONE, "_app.test", dns.SRV)])
        self.udp.answer(0, srv("_app.test", 1, 2, 3, b"one.test", 9))
        self.assertEqual(self.successResultOf(answer), Services([service("one.test", 3, 1, 2)], 9.0))

    def test_not_to_be_had(self) -> None:
        """
        A service that is not to be had has no servers, and that is an answer.
        """
        answer = self.resolver.services("_app.test")
        self.udp.answer(0, srv("_app.test", 0, 0, 0, b".", 9))
        self.assertEqual(self.successResultOf(answer), Services([], 9.0))

    def test_none(self) -> None:
        """
        Without records there is no answer.
        """
        answer = self.resolver.services("_app.test")
        self.udp.answer(0)
        self.failureResultOf(answer, LookUpFailed)
