"""
The running proxy.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.internet.error import CannotListenError
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from typing_extensions import override

from revproxy.config.configuration import Configuration
from revproxy.errors import RevproxyError
from revproxy.service.context import Workshop
from revproxy.service.generation import Generation
from revproxy.service.listeners import Listener

_LOOK = 0.1


class CannotStart(RevproxyError):
    """
    An endpoint cannot be listened on.
    """


class ProxyService(Service):
    """
    Listens, relays, takes up new configurations, and ends without cutting anything
    short.
    """

    _log = Logger()

    def __init__(self, configuration: Configuration, workshop: Workshop) -> None:
        """
        @raise RevproxyError: something cannot be built; nothing is listened on.
        """
        self._workshop = workshop
        self._generation = Generation(configuration, workshop)
        self.listeners: dict[str, Listener] = {}

    @override
    def privilegedStartService(self) -> None:
        """
        Listen, while ports that need privileges can be bound.

        @raise CannotStart: an endpoint cannot be listened on.
        """
        super().privilegedStartService()
        self._listen()

    @override
    def startService(self) -> None:
        super().startService()
        self._listen()
        self._start(self._generation)

    def _listen(self) -> None:
        for name, terms in self._generation.terms.items():
            if name not in self.listeners:
                listener = Listener(terms, self._workshop)
                failures: list[Failure] = []
                listener.listen().addErrback(failures.append)
                if failures:
                    raise CannotStart(_cannot_listen(name, terms.endpoint, failures[0]))
                self.listeners[name] = listener

    def _start(self, generation: Generation) -> None:
        generation.watches.startService()
        log = generation.access_log
        if log is not None and not log.running:
            log.startService()

    def reload(self, load: Callable[[], Configuration]) -> bool:
        """
        Take up another configuration.  One that is wrong changes nothing; open
        connections stay, and meet it with their next request.

        @return: whether it was taken up.
        """
        before = self._generation
        try:
            after = Generation(load(), self._workshop, before)
            opened = self._open_new(after)
        except RevproxyError as error:
            self._log.error("the configuration stays as it was: {error}", error=error)
            return False
        self._generation = after
        for name in [name for name in self.listeners if name not in after.terms]:
            self.listeners.pop(name).close()
        for name, listener in self.listeners.items():
            listener.connections.take_up(after.terms[name])
        self.listeners.update(opened)
        before.watches.stopService()
        if before.access_log is not None and before.access_log is not after.access_log:
            before.access_log.stopService()
        self._start(after)
        before.close_unless_in(after)
        self._log.info("the new configuration is in force")
        return True

    def _open_new(self, after: Generation) -> dict[str, Listener]:
        """
        Listen where nothing listened before.  A listener that changed its endpoint
        is another one.
        """
        opened: dict[str, Listener] = {}
        for name, terms in after.terms.items():
            current = self.listeners.get(name)
            if current is not None and current.connections.terms.endpoint == terms.endpoint:
                continue
            listener = Listener(terms, self._workshop)
            failures: list[Failure] = []
            listener.listen().addErrback(failures.append)
            if failures:
                for each in opened.values():
                    each.close()
                raise CannotStart(_cannot_listen(name, terms.endpoint, failures[0]))
            opened[name] = listener
        for name in opened:
            if name in self.listeners:
                self.listeners.pop(name).close()
        return opened

    def reopen_logs(self) -> None:
        """
        Write to the file that now has the access log's name.
        """
        if self._generation.access_log is not None:
            self._generation.access_log.reopen()

    @override
    def stopService(self) -> Deferred[None]:
        """
        Accept no more, wait for what is under way, then cut what is left.
        """
        super().stopService()
        closing = DeferredList([listener.close() for listener in self.listeners.values()])
        closing.addCallback(lambda _: self._drained())
        return closing.addCallback(lambda _: self._end())

    def _drained(self) -> Deferred[object]:
        listeners = list(self.listeners.values())
        clock = self._workshop.reactor
        ends = clock.seconds() + self._generation.configuration.drain_timeout

        def look() -> None:
            if not any(listener.open for listener in listeners):
                looking.stop()
            elif clock.seconds() >= ends:
                looking.stop()
                self._log.warn("connections were cut at the end of drain_timeout")
                for listener in listeners:
                    listener.abort()

        if not any(listener.open for listener in listeners):
            return succeed(None)
        looking = LoopingCall(look)
        looking.clock = clock
        return looking.start(_LOOK)

    def _end(self) -> None:
        generation = self._generation
        generation.watches.stopService()
        generation.close_unless_in(None)
        if generation.access_log is not None:
            generation.access_log.stopService()


def _cannot_listen(name: str, endpoint: str, failure: Failure) -> str:
    error = failure.value
    reason = error.socketError if isinstance(error, CannotListenError) else error
    return f"listeners.{name}.endpoint: cannot listen on {endpoint}: {getattr(reason, 'strerror', None) or reason}"
