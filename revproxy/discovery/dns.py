"""
Names looked up by DNS.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeAlias

from twisted.internet.defer import Deferred, succeed
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.internet.interfaces import IReactorTime
from twisted.names import dns
from twisted.names.hosts import searchFileForAll
from twisted.python.failure import Failure
from twisted.python.filepath import FilePath

from revproxy.config.resolving import NameServer
from revproxy.discovery.answers import Addresses, LookUpFailed, Services, version
from revproxy.discovery.question import Question
from revproxy.discovery.records import Records
from revproxy.discovery.together import all_of

Ask: TypeAlias = Callable[[NameServer, Question], Deferred[dns.Message]]
"""
Asks a server: L{revproxy.discovery.datagrams}, L{revproxy.discovery.streams}.
"""

HOSTS: Final = "/etc/hosts"

_ROUNDS: Final = 2
"""
How often each server is asked.
"""

_TYPES: Final = {4: dns.A, 6: dns.AAAA}

_FAILURES: Final = {
    dns.EFORMAT: "does not understand the question",
    dns.ESERVER: "fails",
    dns.ENOTIMP: "cannot do that",
    dns.EREFUSED: "refuses to answer",
}
"""
What a server says by its response code.
"""


class DnsResolver:
    """
    Asks servers of DNS, one after the other until one answers, and that one first the next
    time: a service may have many names, and not each should wait for one that is dead.
    Names that are in C{/etc/hosts} are taken from there, as the system does.

    L{twisted.names.client} would ask as well, but not the next server where one fails;
    and a look-up that is cancelled would leave calls and connections behind.
    """

    def __init__(
        self,
        clock: IReactorTime,
        ask: Ask,
        ask_for_all: Ask,
        families: Collection[int],
        holds: float,
        timeout: float,
        servers: Callable[[], Sequence[NameServer]],
        hosts: str = HOSTS,
    ) -> None:
        """
        @param ask: asks a server by datagrams, which are too small for some answers.
        @param ask_for_all: asks for those.
        @param families: the versions of IP of which addresses are wanted.
        @param holds: for how many seconds an answer of C{/etc/hosts} holds.
        @param timeout: within how many seconds each server is asked twice.
        @param servers: gives those that are to be asked now.
        """
        self._clock = clock
        self._ask_server = ask
        self._ask_for_all = ask_for_all
        self._families = sorted(families)
        self._holds = holds
        self._timeout = timeout
        self._servers = servers
        self._hosts = FilePath(hosts)
        self._answered: NameServer | None = None

    def addresses(self, host: str) -> Deferred[Addresses]:
        """
        Implement L{Resolver.addresses}.
        """
        known = searchFileForAll(self._hosts, host.encode("ascii"))
        known = [address for address in known if version(address) in self._families]
        if known:
            return succeed(Addresses(known, self._holds))
        return Deferred.fromCoroutine(self._addresses(host))

    def services(self, name: str) -> Deferred[Services]:
        """
        Implement L{Resolver.services}.
        """
        return Deferred.fromCoroutine(self._services(name))

    async def _addresses(self, host: str) -> Addresses:
        asked = [Deferred.fromCoroutine(self._ask(host, _TYPES[family])) for family in self._families]
        results = await all_of(asked)
        found: list[str] = []
        ttls: list[float] = []
        failures: dict[int, Failure] = {}
        for family, result in zip(self._families, results, strict=True):
            if isinstance(result, Failure):
                failures[family] = result
                continue
            addresses, ttl = result.addresses(family)
            found += addresses
            ttls += [ttl] if addresses else []
        if found:
            return Addresses(found, min(ttls), frozenset(failures))
        for failure in failures.values():
            failure.raiseException()
        raise LookUpFailed("there is no such name, or it has no address")

    async def _services(self, name: str) -> Services:
        services, ttl = (await self._ask(name, dns.SRV)).services()
        if not services:
            raise LookUpFailed("there is no such name, or it has no SRV records")
        return Services([each for each in services if each.target], ttl)

    async def _ask(self, name: str, type: int) -> Records:
        """
        @raise LookUpFailed: no server answers.
        """
        servers = sorted(self._servers(), key=lambda server: server != self._answered)
        patience = self._timeout / (_ROUNDS * len(servers))
        trouble = ""
        for server in [*servers] * _ROUNDS:
            try:
                message = await self._ask_one(server, Question(name, type), patience)
            except TookTooLong:
                trouble = "does not answer"
            except (OSError, ConnectError, ConnectionClosed) as error:
                trouble = f"is not to be reached: {error}"
            else:
                if message.rCode in (dns.OK, dns.ENAME):
                    self._answered = server
                    return Records(name, message.answers)
                trouble = _FAILURES.get(message.rCode, f"fails with code {message.rCode}")
        raise LookUpFailed(f"name server {server.address} {trouble}")

    async def _ask_one(self, server: NameServer, question: Question, patience: float) -> dns.Message:
        message = await self._ask_server(server, question).addTimeout(patience, self._clock)
        if message.trunc:
            message = await self._ask_for_all(server, question).addTimeout(patience, self._clock)
        return message
