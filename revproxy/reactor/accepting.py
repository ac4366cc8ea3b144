"""
Having uvloop accept connections.
"""

from __future__ import annotations

import socket
from asyncio import Server
from collections.abc import Callable
from typing import Any

from twisted.logger import Logger

from revproxy.reactor.at_once import result_at_once

LOOKED_AFTER = 1.0
"""
How often it is looked whether uvloop still accepts, in seconds.
"""


class Acceptor:
    """
    Accepts the connections of one listening socket.

    uvloop does so on a duplicate: the socket itself stays its owner's, and goes on to
    queue connections while nobody accepts.  libuv closes what it has no descriptor for,
    so that nothing spins, but where accepting fails in any other way, uvloop closes its
    socket without a word.  It is given another one then.
    """

    _log = Logger()

    def __init__(self, loop: Any, listening: socket.socket, backlog: int, new: Callable[[], Any]) -> None:
        """
        @param new: makes the asyncio protocol of a connection.
        """
        self._loop = loop
        self._listening = listening
        self._backlog = backlog
        self._new = new
        self._server: Server = self._open()
        self._next_look = loop.call_later(LOOKED_AFTER, self.look)

    def stop(self) -> None:
        """
        Accept no more.
        """
        self._next_look.cancel()
        self._server.close()

    def look(self) -> None:
        """
        Begin again if uvloop has stopped to accept.
        """
        if all(accepting.fileno() < 0 for accepting in self._server.sockets):
            self._begin_again()
        self._next_look = self._loop.call_later(LOOKED_AFTER, self.look)

    def _begin_again(self) -> None:
        try:
            server = self._open()
        except OSError as error:
            self._log.warn("Connections cannot be accepted: {error}", error=error)
        else:
            self._server.close()
            self._server = server
            self._log.warn("Accepting connections had failed, and goes on")

    def _open(self) -> Server:
        duplicate = self._listening.dup()
        serving = self._loop.create_server(self._new, sock=duplicate, backlog=self._backlog)
        server: Server = result_at_once(serving)
        return server
