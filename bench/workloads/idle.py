"""
What a connection costs on which nothing happens.
"""

import select
import time
from contextlib import ExitStack
from http.client import HTTPException
from socket import create_connection, socket

from typing_extensions import override

from bench.answer import TIMEOUT, exchange
from bench.conditions import Conditions, Subject
from bench.figures import Figures, Measure
from bench.generators.resumed import client_context
from bench.request import Request
from bench.workloads.workload import Workload
from bench.wrk import LoadFailed

WARM_UP_CONNECTIONS = 50
SETTLE_SECONDS = 0.5
QUICK_SHARE = 5
"""
A quick benchmark makes this many times fewer connections.
"""


class IdleConnections(Workload):
    """
    Kept-alive connections on each of which one request was answered.

    What a proxy has set aside at its start does not count, used or not, nor does the kernel's memory.
    """

    measures = (Measure("memory", "KiB"),)
    most_runs = 1

    def __init__(self, connections: int, tls: bool) -> None:
        """
        @param connections: how many; a slow proxy gets fewer.
        """
        self._connections = connections
        self._request = Request("/1k", tls=tls)
        self._context = client_context()

    @override
    def measure(self, subject: Subject, conditions: Conditions) -> Figures:
        """
        Implement L{Workload.measure}.

        @return: KiB a connection, and how many C{connections} there were.
        """
        count = min(self._connections, subject.peer.most_connections)
        if conditions.quick:
            count //= QUICK_SHARE
        with subject.anew() as running, ExitStack() as stack:
            running.wait()
            port = running.port(self._request.tls)
            self._connect(port, WARM_UP_CONNECTIONS, stack)
            before = running.memory()
            connected = self._connect(port, count, stack)
            time.sleep(SETTLE_SECONDS)
            check_open(connected)
            return {"memory": (running.memory() - before) / 1024 / count, "connections": count}

    def _connect(self, port: int, count: int, stack: ExitStack) -> list[socket]:
        try:
            return [stack.enter_context(self._connected(port)) for _ in range(count)]
        except (OSError, HTTPException) as error:
            raise LoadFailed(f"{type(error).__name__}: {error}") from error

    def _connected(self, port: int) -> socket:
        connection = create_connection(("127.0.0.1", port), TIMEOUT)
        if self._request.tls:
            connection = self._context.wrap_socket(connection)
        exchange(self._request, connection)
        return connection


def check_open(connections: list[socket]) -> None:
    """
    See that servers have not closed connections.

    @param connections: those on which nothing more is to come.
    @raise LoadFailed: if any was closed.
    """
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLIN)
    closed = len(poll.poll(0))
    if closed:
        raise LoadFailed(f"{closed} of {len(connections)} connections were closed")
