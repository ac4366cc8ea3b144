"""
The running proxy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger
from typing_extensions import override

from revproxy.config.configuration import Configuration
from revproxy.errors import RevproxyError
from revproxy.exchange import Exchange
from revproxy.service.context import Workshop
from revproxy.service.drain import Drain
from revproxy.service.generation import Generation
from revproxy.service.listeners import Listener, check_vacant, going_on
from revproxy.service.terms import Terms


class ProxyService(Service):
    """
    Listens, relays, takes up new configurations, and ends without cutting anything
    short.

    @ivar listeners: those that accept connections, by their names.
    """

    _log = Logger()

    def __init__(self, configuration: Configuration, workshop: Workshop) -> None:
        """
        @raise RevproxyError: something cannot be built; nothing is listened on.
        """
        self._workshop = workshop
        self._generation = Generation(configuration, workshop, self._finished)
        self.listeners: dict[str, Listener] = {}

    @override
    def privilegedStartService(self) -> None:
        """
        Listen, while ports that need privileges can be bound.

        @raise RevproxyError: an endpoint cannot be listened on, or the access log not
            be written; nothing is listened on then.
        """
        super().privilegedStartService()
        self._open()

    @override
    def startService(self) -> None:
        super().startService()
        self._open()
        self._generation.watches.startService()
        self._generation.take_care()

    def _open(self) -> None:
        """
        Open what has to be open, unless it is.
        """
        if not self.listeners:
            with ExitStack() as undo:
                undo.callback(self._generation.close_unless_in, None)
                self.listeners = self._opened(self._generation, {}, undo)
                undo.pop_all()

    def reload(self, load: Callable[[], Configuration]) -> bool:
        """
        Take up another configuration.  One that is wrong changes nothing; open
        connections stay, and meet it with their next request.

        @return: whether it was taken up.
        """
        if not self.running:
            return False
        try:
            self._take_up(load())
        except RevproxyError as error:
            self._log.error("the configuration stays as it was: {error}", error=error)
            return False
        self._log.info("the new configuration is in force")
        return True

    def _take_up(self, configuration: Configuration) -> None:
        """
        @raise RevproxyError: it is not possible; all is as it was.
        """
        before = self._generation
        after = Generation(configuration, self._workshop, self._finished, before)
        staying = going_on(self.listeners, after.terms)
        leaving = [each for each in self.listeners.values() if each not in staying.values()]
        with ExitStack() as undo:
            undo.callback(after.close_unless_in, before)
            check_vacant((terms for name, terms in after.terms.items() if name not in staying), leaving)
            opened = self._opened(after, staying, undo)
            undo.pop_all()
        self._generation = after
        self.listeners = staying | opened
        for listener in leaving:
            listener.close()
        for name, listener in staying.items():
            listener.connections.take_up(after.terms[name])
        before.watches.stopService()
        after.watches.startService()
        before.close_caches_unless_in(after)
        after.take_care()
        before.close_unless_in(after)

    def _opened(
        self, generation: Generation, staying: Mapping[str, Listener], undo: ExitStack
    ) -> dict[str, Listener]:
        """
        Open the log and what is not listened on yet.

        @param undo: gets what closes the listeners again.
        @raise RevproxyError: something cannot be opened.
        """
        generation.open_log()
        opened = {}
        for name, terms in generation.terms.items():
            if name not in staying:
                opened[name] = self._listening(terms)
                undo.callback(opened[name].close)
        return opened

    def _listening(self, terms: Terms) -> Listener:
        listener = Listener(terms, self._workshop)
        listener.listen()
        return listener

    def reopen_logs(self) -> None:
        """
        Write to the file that now has the access log's name.
        """
        if self._generation.access_log is not None:
            self._generation.access_log.reopen()

    def _finished(self, exchange: Exchange) -> None:
        """
        An exchange is over, whichever configuration it began with.
        """
        log = self._generation.access_log
        if log is not None:
            log.record(exchange)

    @override
    def stopService(self) -> Deferred[None]:
        """
        Accept no more, wait for what is under way, then cut what is left.
        """
        super().stopService()
        drain = self._drain()
        closing = DeferredList([listener.close() for listener in self.listeners.values()])
        return closing.addCallback(lambda _: drain.wait()).addCallback(lambda _: self._end())

    def _drain(self) -> Drain:
        workshop = self._workshop
        return Drain(workshop.connections, workshop.reactor, self._generation.configuration.drain_timeout)

    def _end(self) -> None:
        generation = self._generation
        generation.watches.stopService()
        generation.close_unless_in(None)
