"""
A group of servers that answer alike, and which of them takes a request.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import cast

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from revproxy.errors import ExchangeError, NoServer
from revproxy.exchange import Exchange
from revproxy.flow.judging.breaker import CircuitBreaker
from revproxy.flow.pool.events import Events
from revproxy.flow.pool.membership import Membership
from revproxy.flow.pool.queue import Queue, Waiting
from revproxy.flow.pool.roster import Roster
from revproxy.flow.pool.server import Server
from revproxy.flow.pool.terms import DEFAULT_TERMS, PASS, UPSTREAM, UpstreamTerms
from revproxy.flow.retries.hedge_delay import HedgeDelay
from revproxy.flow.retries.policy import RetryPolicy
from revproxy.interfaces import IBalancer, IJudge, ILoadObserver, IOutcomeObserver, IResponseFilter

CONFIGURED = "configuration"
"""
The source of the servers that the file names by their addresses.
"""

MOST_DRAWN = 16
"""
So many times the balancer may choose a server that has become full, before it is given
others to choose from.
"""


class Upstream:
    """
    Servers with the balancer that chooses among them.

    @ivar members: the servers, as they come and go.
    @ivar events: what happened to them.
    @ivar observers: who hears how they do.
    @ivar judges: those of them who hear of the rest of responses, too.
    @ivar retry: whether others are tried.
    @ivar hedge_delay: when another is asked, too; C{None} for never.
    @ivar response_filters: the balancer, where it wants to see responses.
    @ivar _no_choice: of so many servers with room the balancer is not asked.
    @ivar _why: how servers are chosen now, for L{Exchange.why}.
    @ivar _advance: lets those go on who wait, at the end of the reactor's turn.
    """

    def __init__(
        self,
        name: str,
        servers: Iterable[Server],
        balancer: IBalancer,
        clock: IReactorTime,
        retry: RetryPolicy,
        terms: UpstreamTerms = DEFAULT_TERMS,
        events: Events | None = None,
        judges: Sequence[IJudge] = (),
        breaker: CircuitBreaker | None = None,
        hedge_delay: HedgeDelay | None = None,
        balancing: str = "the balancer",
    ) -> None:
        """
        @param judges: who else hears how servers do.
        @param balancing: the balancer's name.
        """
        self.name = name
        self.timeouts = terms.timeouts
        self.upgrades = terms.upgrades
        self.retry = retry
        self.events = Events(name) if events is None else events
        self.hedge_delay = hedge_delay
        hearing = (*judges, breaker, hedge_delay, balancer)
        self.observers = tuple(each for each in hearing if IOutcomeObserver.providedBy(each))
        self.judges = tuple(each for each in self.observers if IJudge.providedBy(each))
        self._roster = Roster(clock, self.events, terms.most_ejected, terms.weight_scale)
        self._roster.changed = self._changed
        self.members = Membership(self._roster, self.events)
        self.members.joined.append(self._joined)
        self.members.left.append(self._left)
        self._queue = Queue(clock, terms.most_waiting, terms.queue_timeout) if terms.most_waiting else None
        self._balancer = balancer
        sees_responses = IResponseFilter.providedBy(balancer)
        self.response_filters = (cast(IResponseFilter, balancer),) if sees_responses else ()
        self._no_choice = 0 if sees_responses else 1
        self._balancing = balancing
        self._breaker = breaker
        self._clock = clock
        self._host = terms.host
        self._why = ""
        self._advance: IDelayedCall | None = None
        self.members.have(CONFIGURED, servers)

    def pick(self, exchange: Exchange, tried: Collection[Server]) -> Server | None:
        """
        Choose a server that can be used, was not tried yet and has room.

        @return: C{None} where the exchange has to L{wait}.
        @raise NoServer: there is none, and waiting would not help.
        """
        if self._advance is not None:
            return None  # who waits goes first
        return self.pick_now(exchange, tried)

    def pick_now(self, exchange: Exchange, tried: Collection[Server]) -> Server | None:
        """
        As L{pick}, for an exchange that has waited.
        """
        breaker = self._breaker
        if breaker is not None:
            breaker.check(not exchange.tries)
        candidates = self._roster.candidates
        if candidates is None:
            candidates = self._look()
        if tried:
            candidates = self._roster.besides(tried)
        told = len(exchange.why)
        if len(candidates) > self._no_choice:
            server = cast(Server, self._balancer.pick(candidates, exchange))
        elif candidates:
            server = candidates[0]
        else:
            self._check_hope(tried)
            return None
        if server.active >= server.most:
            again = self._pick_another(server, candidates, exchange, told)
            if again is None:
                self._check_hope(tried)
                return None
            server = again
        if breaker is not None and not exchange.tries:
            breaker.let_through()
        exchange.why.append(self._why)
        return server

    def _pick_another(
        self, full: Server, candidates: Sequence[Server], exchange: Exchange, told: int
    ) -> Server | None:
        """
        Choose anew where the server that was chosen has become full.  Most balancers come to
        another by themselves, so they need not be given other candidates each time that
        some server fills, or has room again.

        @param told: how much was told before anything was chosen.
        @return: C{None} where none has room.
        """
        for _ in range(MOST_DRAWN if len(candidates) > 1 else 0):
            del exchange.why[told:]
            server = cast(Server, self._balancer.pick(candidates, exchange))
            if not server.full:
                return server
            if server is full:
                break
            full = server
        del exchange.why[told:]
        candidates = self._look()
        if len(candidates) > self._no_choice:
            return cast(Server, self._balancer.pick(candidates, exchange))
        return candidates[0] if candidates else None

    def has_others(self, tried: Collection[Server]) -> bool:
        """
        Whether there are servers besides those that were tried, be it that they have
        no room at the moment.
        """
        return self._roster.has_others(tried)

    def wait(self, admit: Callable[[], bool], refuse: Callable[[ExchangeError], None]) -> Waiting:
        """
        Wait for a server with room.

        @param admit: see L{Waiting}, and so with C{refuse}.
        @raise NoServer: too many do.
        """
        assert self._queue is not None
        try:
            place = self._queue.join(admit, refuse)
        except NoServer:
            self.events.count("queue-full")
            raise
        self.events.count("queued")
        return place

    def leave(self, place: Waiting) -> None:
        """
        Wait no more.
        """
        if self._queue is not None:
            self._queue.leave(place)

    def authority_for(self, exchange: Exchange, server: Server) -> bytes:
        """
        @return: what the C{Host} field says; HTTP/1.0 clients may have named none.
        """
        chosen = exchange.outbound.authority
        if chosen is not None:
            return chosen
        if self._host == PASS:
            return exchange.request.authority or server.authority
        return server.authority if self._host == UPSTREAM else self._host

    def inherit(self, before: Upstream) -> None:
        """
        Go on from where the upstream of the same name was before there was a new
        configuration.  L{Membership.inherit} is apart from this, as it schedules nothing.
        """
        before.events.counts.update(self.events.counts)
        self.events.counts = before.events.counts
        servers = self.members.same_as(before.members)
        for judge in self.judges:
            for other in before.judges:
                if type(other) is type(judge):
                    judge.inherit(other, servers)

    def close(self) -> None:
        """
        Drop the connections that are not in use, and judge nobody any more.  Exchanges that
        are under way, or wait, go on.
        """
        self._roster.close()
        observers, self.observers = self.observers, ()
        self.judges = ()
        for observer in observers:
            for server in self.members.servers:
                observer.forgotten(server)

    def _joined(self, server: Server) -> None:
        for judge in self.judges:
            judge.joined(server)
        if ILoadObserver.providedBy(self._balancer):
            server.observer = cast(ILoadObserver, self._balancer)

    def _left(self, server: Server) -> None:
        for observer in self.observers:
            observer.forgotten(server)
        if ILoadObserver.providedBy(self._balancer) and not IOutcomeObserver.providedBy(self._balancer):
            cast(ILoadObserver, self._balancer).forgotten(server)

    def _look(self) -> tuple[Server, ...]:
        """
        Find out which servers may be picked, once for many requests.
        """
        candidates, servers = self._roster.choose(), self.members.servers
        passed = self._roster.why()
        self._why = f"{self._balancing} among {len(candidates)} of {len(servers)} servers" + (
            f" ({passed})" if passed else ""
        )
        return candidates

    def _check_hope(self, tried: Collection[Server]) -> None:
        """
        @raise NoServer: no server would have room if one only waited.
        """
        if self._queue is None or not self._roster.has_others(tried):
            self.events.count("no-server")
            passed = self._roster.why()
            raise NoServer(
                f"upstream {self.name} has no server that can be used" + (f": {passed}" if passed else "")
            )

    def _changed(self) -> None:
        """
        More or fewer servers may be picked than before.
        """
        if self._queue is not None and self._advance is None and len(self._queue):
            self._advance = self._clock.callLater(0, self._let_go_on)

    def _let_go_on(self) -> None:
        self._advance = None
        if self._queue is not None:
            self._queue.advance(self._has_room)

    def _has_room(self) -> bool:
        return self._roster.has_room
