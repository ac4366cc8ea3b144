"""
What everything is built with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from secrets import token_bytes
from time import time
from typing import Any

from revproxy.edge.client_connection import ClientConnection
from revproxy.edge.turn import TurnWriter
from revproxy.flow.splice.splicer import Splicer
from revproxy.registry import Environment, Registry


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Workshop:
    """
    The world that a proxy is built in.

    @ivar reactor: the reactor that runs it all: time, connections and listening.
    @ivar registry: the components that a file can name.
    @ivar directory: what relative paths in components' settings are relative to.
    @ivar turn: what all connections write through.
    @ivar connections: those of all clients, whichever listener they came to and
        whichever configuration they began with.
    @ivar splicer: moves octets from socket to socket; C{None} where that is not possible.
    @ivar now: tells the time of day, aware of its zone.
    @ivar secret: what components derive their secrets from, as long as the process runs.
    @ivar time_of_day: tells it in seconds of the epoch.
    """

    reactor: Any
    registry: Registry
    directory: Path
    turn: TurnWriter
    connections: set[ClientConnection] = field(default_factory=set)
    now: Callable[[], datetime] = _now
    splicer: Splicer | None = None
    random: Random = field(default_factory=Random)
    secret: bytes = field(default_factory=token_bytes, repr=False)
    time_of_day: Callable[[], float] = time

    @property
    def environment(self) -> Environment:
        """
        What components see of it.
        """
        return Environment(self.reactor, self.random, self.directory, self.secret)
