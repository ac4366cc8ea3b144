"""
The server's side of an exchange, in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from zope.interface import implementer

from revproxy.errors import ExchangeError
from revproxy.exchange import Exchange, Outbound
from revproxy.flow.pool.server import ConnectionLimits, Server
from revproxy.flow.pool.terms import DEFAULT_TERMS, UpstreamTerms
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.retries.policy import RetryPolicy, RetryTerms
from revproxy.interfaces import (
    IAnswerReceiver,
    IBalancer,
    IConnectionOwner,
    IServer,
    IUpstreamClient,
    IUpstreamConnection,
)
from revproxy.wire.fields import Pair


@implementer(IUpstreamConnection)
class RecordingConnection:
    """
    A connection that keeps what it is asked to send; the test answers by C{answer}.

    @ivar calls: the names of the methods that were called, in order.
    @ivar sent: the body so far.
    @ivar error: raised when a request is to be sent.
    """

    def __init__(self, used: bool = False, error: Exception | None = None) -> None:
        self.used = used
        self.error = error
        self.calls: list[str] = []
        self.authority = b""
        self.length: int | None = None
        self.upgrade: bytes | None = None
        self.sent = b""
        self.trailers: Sequence[Pair] | None = None
        self.outbound: Outbound | None = None
        self._answer: IAnswerReceiver | None = None

    @property
    def answer(self) -> IAnswerReceiver:
        assert self._answer is not None
        return self._answer

    def send(
        self,
        outbound: Outbound,
        authority: bytes,
        length: int | None,
        upgrade: bytes | None,
        answer: IAnswerReceiver,
    ) -> None:
        self.calls.append("send")
        self.outbound = outbound
        if self.error is not None:
            raise self.error
        self.authority, self.length, self.upgrade, self._answer = authority, length, upgrade, answer

    def body(self, data: bytes) -> None:
        self.calls.append("body")
        self.sent += data

    def flush(self) -> None:
        self.calls.append("flush")

    def outlet(self, octets: int) -> None:
        self.calls.append("outlet")

    def end_body(self, trailers: Sequence[Pair]) -> None:
        self.calls.append("end_body")
        self.trailers = trailers

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def drop(self) -> None:
        self.calls.append("drop")


@implementer(IUpstreamClient)
class WaitingClient:
    """
    Makes the connections to one server when the test says so.

    @ivar waiting: the attempts that were neither accepted nor refused.
    @ivar cancelled: how many attempts were given up.
    @ivar too_late: a connection that is made all the same when an attempt is given up.
    """

    def __init__(self) -> None:
        self.waiting: list[Deferred[IUpstreamConnection]] = []
        self.cancelled = 0
        self.too_late: RecordingConnection | None = None

    def connect(self, owner: IConnectionOwner) -> Deferred[IUpstreamConnection]:
        attempt: Deferred[IUpstreamConnection] = Deferred(self._cancel)
        self.waiting.append(attempt)
        return attempt

    def accept(self, connection: RecordingConnection | None = None) -> RecordingConnection:
        connection = connection or RecordingConnection()
        self.waiting.pop(0).callback(connection)
        return connection

    def refuse(self, error: Exception) -> None:
        self.waiting.pop(0).errback(error)

    def _cancel(self, attempt: Deferred[IUpstreamConnection]) -> None:
        self.cancelled += 1
        self.waiting.remove(attempt)
        if self.too_late is not None:
            attempt.callback(self.too_late)


class AttendedServer:
    """
    A server whose connections the test makes.

    @ivar client: with which the test does.
    """

    def __init__(self, name: str = "http://one", most: int = 512, idle: int = 64) -> None:
        self.client = WaitingClient()
        authority = name.partition("//")[2].encode("ascii")
        limits = ConnectionLimits(most=most, idle=idle)
        self.server = Server(name, authority, 1, limits, self.client)

    def connected(self) -> RecordingConnection:
        """
        @return: a new connection.
        """
        self.server.connect()
        return self.client.accept()

    def keep(self) -> RecordingConnection:
        """
        @return: a connection that was used before and waits to be used again.
        """
        self.server.connect()
        connection = self.client.accept(RecordingConnection(used=True))
        assert self.server.give_back(connection)
        return connection


RETRIES = RetryTerms()


def an_upstream(
    servers: Sequence[Server],
    balancer: IBalancer | None = None,
    clock: Clock | None = None,
    terms: UpstreamTerms = DEFAULT_TERMS,
    retry: RetryTerms = RETRIES,
    **more: Any,
) -> Upstream:
    """
    @param more: see L{Upstream}.
    @return: an upstream of the name C{app}.
    """
    policy = RetryPolicy(Random(1), retry)
    return Upstream("app", servers, balancer or FirstOfAll(), clock or Clock(), policy, terms, **more)


@implementer(IBalancer)
class FirstOfAll:
    """
    Picks the first server that can be used.

    @ivar offered: what there was to choose from, each time.
    @ivar error: raised when one is to be picked.
    """

    def __init__(self) -> None:
        self.offered: list[Sequence[IServer]] = []
        self.error: Exception | None = None

    def pick(self, candidates: Sequence[IServer], exchange: Exchange) -> IServer:
        self.offered.append(candidates)
        if self.error is not None:
            raise self.error
        return candidates[0]


class Odd(Exception):
    """
    What no part of the proxy foresees.
    """


def error_of(status: int, retry_safe: bool = False) -> ExchangeError:
    """
    @return: an error that says what becomes of the exchange.
    """
    error = ExchangeError("for a test")
    error.status, error.retry_safe = status, retry_safe
    return error
