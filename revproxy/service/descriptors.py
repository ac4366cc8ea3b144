"""
How many files and sockets the process may have open.
"""

from __future__ import annotations

import resource
from collections.abc import Callable

from twisted.application.service import Service
from twisted.logger import Logger
from typing_extensions import override

from revproxy.config.configuration import Configuration
from revproxy.flow.splice.pipes import MOST_LENT

_OTHERS = 100 + 2 * MOST_LENT
"""
Those of listeners, logs, the reactor and the interpreter, and the two of each pipe by
which bodies are moved from socket to socket.
"""


class DescriptorLimit(Service):
    """
    Lets the process open as many descriptors as the system allows it, and warns where
    that is too few.

    Shells and service managers start programs with a low soft limit, for the sake of
    those that use C{select}; it is a program's own task to raise it to the hard one.
    """

    _log = Logger()

    def __init__(self, needed: int, raise_limit: Callable[[], int] | None = None) -> None:
        """
        @param needed: how many descriptors there may come to be.
        @param raise_limit: raises the limit and gives the one that is in force then;
            L{raise_soft_limit} where it is left out.
        """
        self._needed = needed
        self._raise_limit = raise_limit or raise_soft_limit

    @override
    def startService(self) -> None:
        super().startService()
        allowed = self._raise_limit()
        if allowed < self._needed:
            self._log.warn(
                "{allowed} descriptors may be open (ulimit -Hn), but limits.connections and the"
                " connections of upstreams come to {needed}",
                allowed=allowed,
                needed=self._needed,
            )


def raise_soft_limit() -> int:
    """
    Raise the soft limit on open descriptors to the hard one, if the system lets us.

    @return: how many descriptors may be open.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return soft
    return hard


def descriptors_needed(configuration: Configuration) -> int:
    """
    @return: how many descriptors there are with all clients that are let in: one for
        each of them, and one for the server that answers it, as far as servers may
        have connections; and one for each server that is checked.  A name counts as one
        server, and so does a file of them.
    """
    clients = configuration.limits.connections
    upstreams = configuration.upstreams.values()
    checked = sum(len(each.servers) for each in upstreams if each.health_check is not None)
    idle = sum(each.connections.idle * len(each.servers) for each in upstreams)
    most = sum(each.connections.most * len(each.servers) for each in upstreams)
    return clients + min(clients + idle, most) + checked + _OTHERS
