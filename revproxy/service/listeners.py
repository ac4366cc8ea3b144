"""
Listening, and the connections that come of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress, IListeningPort, IStreamServerEndpoint
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.python.failure import Failure
from typing_extensions import override

from revproxy.config.places import listening_place
from revproxy.edge.client_connection import ClientConnection
from revproxy.edge.http1 import Http1Connection
from revproxy.edge.socket_options import set_listening_options
from revproxy.edge.tls.server import wrap
from revproxy.errors import RevproxyError
from revproxy.service.backlog import with_backlog
from revproxy.service.context import Workshop
from revproxy.service.terms import Terms


class CannotListen(RevproxyError):
    """
    An endpoint cannot be listened on.
    """


class _Plain(Factory):
    """
    Makes what speaks HTTP.
    """

    noisy = False

    def __init__(self, terms: Terms) -> None:
        self._http = terms.http

    @override
    def buildProtocol(self, addr: IAddress | None) -> Http1Connection:
        return Http1Connection(self._http)


class Connections(Factory):
    """
    Makes the protocol of each connection, by the terms that are in force.
    """

    noisy = False

    def __init__(self, terms: Terms, workshop: Workshop) -> None:
        self._workshop = workshop
        self._set(terms)

    def _set(self, terms: Terms) -> None:
        self.terms = terms
        plain, workshop = _Plain(terms), self._workshop
        self._inner = plain if terms.tls is None else wrap(plain, terms.tls, workshop.reactor, workshop.turn)

    def take_up(self, terms: Terms) -> None:
        """
        Treat connections by other terms: new ones from now on, those that are open
        from their next request on.  Those that the new terms might not have let in
        end with their exchange.
        """
        before = self.terms
        if not terms.continues(before):
            self.drain()
        else:
            for connection in self._open():
                connection.take_up(terms.http)
        self._set(terms)

    def drain(self) -> None:
        """
        Let the connections end with their exchanges.
        """
        self.terms.http.draining = True
        for connection in self._open():
            connection.drain()

    def _open(self) -> list[ClientConnection]:
        """
        @return: those that are open by the present terms.
        """
        http = self.terms.http
        return [each for each in self._workshop.connections if each.settings is http]

    @override
    def buildProtocol(self, addr: IAddress | None) -> Any:
        return self._inner.buildProtocol(addr)


class Listener:
    """
    One listening endpoint.
    """

    _log = Logger()

    def __init__(self, terms: Terms, workshop: Workshop) -> None:
        self.connections = Connections(terms, workshop)
        self._reactor = workshop.reactor
        self._port: IListeningPort | None = None

    def listen(self) -> None:
        """
        Begin to accept connections.

        @raise CannotListen: it is not possible.
        """
        opening = maybeDeferred(self._opening).addCallback(self._listening)
        failures: list[Failure] = []
        if isinstance(getattr(opening, "result", None), Failure):
            opening.addErrback(failures.append)
            raise CannotListen(self._told(failures[0]))

    def _opening(self) -> Deferred[IListeningPort]:
        endpoint: IStreamServerEndpoint = serverFromString(self._reactor, with_backlog(self.endpoint))
        return endpoint.listen(self.connections)

    def _listening(self, port: IListeningPort) -> None:
        self._port = port
        set_listening_options(port)
        terms = self.connections.terms
        secured = "" if terms.tls is None else " with TLS"
        self._log.info(
            "listening: {name} on {endpoint}{secured}",
            name=terms.name,
            endpoint=terms.endpoint,
            secured=secured,
        )

    def _told(self, failure: Failure) -> str:
        error = failure.value
        if isinstance(error, CannotListenError):
            error = error.socketError
        reason = getattr(error, "strerror", None) or error
        name = self.connections.terms.name
        return f"listeners.{name}.endpoint: cannot listen on {self.endpoint}: {reason}"

    @property
    def endpoint(self) -> str:
        """
        What was asked for.
        """
        return self.connections.terms.endpoint

    @property
    def address(self) -> IAddress | None:
        """
        Where it listens, once it does.
        """
        return None if self._port is None else self._port.getHost()

    def close(self) -> Deferred[Any]:
        """
        Accept no more, and let the connections end with their exchanges.
        """
        self.connections.drain()
        port, self._port = self._port, None
        return maybeDeferred(lambda: None if port is None else port.stopListening())


def check_vacant(wanted: Iterable[Terms], leaving: Iterable[Listener]) -> None:
    """
    A port is free only some time after it was given up, and until then nobody would
    listen, so the place of a listener that leaves is not to be had at once.

    @param wanted: those that are to be listened on anew.
    @raise CannotListen: one of them is where a listener still is.
    """
    places = [(listener.endpoint, listening_place(listener.endpoint)) for listener in leaving]
    for terms in wanted:
        place = listening_place(terms.endpoint)
        for endpoint, taken in places:
            if place.excludes(taken):
                raise CannotListen(
                    f"listeners.{terms.name}.endpoint: {terms.endpoint} is where the proxy listens as"
                    f" {endpoint}; to change that it has to be restarted"
                )


def going_on(listeners: Mapping[str, Listener], wanted: Mapping[str, Terms]) -> dict[str, Listener]:
    """
    Find out which listeners go on by other terms, under which of the new names:
    those whose endpoint is wanted again, by whatever name.

    @return: by the new names.
    """
    left = dict(listeners)
    found = {}
    for name, terms in wanted.items():
        if name in left and left[name].endpoint == terms.endpoint:
            found[name] = left.pop(name)
    for name, terms in wanted.items():
        same = [before for before, listener in left.items() if listener.endpoint == terms.endpoint]
        if name not in found and same:
            found[name] = left.pop(same[0])
    return found
