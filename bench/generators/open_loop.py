"""
Requests at times of their own: C{python -m bench.generators.open_loop PORT SECONDS RATE}.

Requests are sent when they are due, however many have not been answered yet, and the time to an answer counts
from when the request was due: where a proxy pauses, all who would have come meanwhile wait.  A load that
sends the next request only when the last is answered leaves those out.

It prints C{p50}, C{p99} and C{p999} of the time to an answer and C{late99}, the 99th percentile of how late
the generator itself noticed that a request was due, all in seconds; or that the proxy is C{overloaded}.
"""

import gc
import json
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from bench.generators.arrivals import arrivals, percentile
from bench.request import Request

REQUEST = Request("/1k").head()
CONNECTIONS = 64
PATIENCE = 2.0
"""
Seconds that answers may take once all requests are due.
"""

OVERLOADED_AFTER = 1.0
"""
Where as many requests wait for a connection as are due in so many seconds, the proxy does not keep up.
"""


class Overloaded(Exception):
    """
    Requests come faster than they are answered.
    """


class Connection:
    """
    One connection, with at most one request on it.

    @ivar due: when its request was due.
    """

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.due = 0.0
        self._received = b""
        self._usual = 0

    def send(self, due: float) -> None:
        """
        Send a request.
        """
        self.due = due
        self.socket.send(REQUEST)

    def read(self) -> bool:
        """
        Read what is there.

        @return: whether the answer is there in full.
        @raise ConnectionError: if it is not one of success, or there is none.
        """
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("a connection was closed")
        self._received += data
        if len(self._received) != self._usual and not _is_whole(self._received):
            return False
        if not self._received.startswith(b"HTTP/1.1 200 "):
            raise ConnectionError(f"a request was answered with {self._received[:40]!r}")
        self._usual, self._received = len(self._received), b""
        return True


def _is_whole(response: bytes) -> bool:
    head, end, body = response.partition(b"\r\n\r\n")
    fields = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    length = next((int(value) for name, _, value in fields if name == b"content-length"), 0)
    return bool(end) and len(body) >= length


class OpenLoop:
    """
    The load.

    @ivar latencies: how long each answer took, in seconds.
    @ivar late: how late each request was noticed to be due, in seconds.
    """

    def __init__(self, port: int, due: Sequence[float], most_waiting: int) -> None:
        """
        @param due: when requests are due, in seconds from the beginning, in order.
        @param most_waiting: how many may wait for a connection.
        """
        self._due = deque(due)
        self._most_waiting = most_waiting
        self._waiting: deque[float] = deque()
        self._idle = [Connection(port) for _ in range(CONNECTIONS)]
        self._connections = {connection.socket.fileno(): connection for connection in self._idle}
        self._epoll = select.epoll()
        for descriptor in self._connections:
            self._epoll.register(descriptor, select.EPOLLIN)
        self.latencies: list[float] = []
        self.late: list[float] = []

    def run(self) -> None:
        """
        Send all, and wait for the answers.

        @raise Overloaded: if too many come to wait.
        @raise ConnectionError: if a request fails, or is not answered.
        """
        began = time.perf_counter()
        while self._due:
            self._take_due(time.perf_counter() - began)
            self._send()
            until_next = self._due[0] - (time.perf_counter() - began) if self._due else 0.0
            self._read(began, until_next)
        deadline = time.perf_counter() + PATIENCE
        while self._waiting or len(self._idle) < CONNECTIONS:
            if time.perf_counter() > deadline:
                raise Overloaded
            self._send()
            self._read(began, PATIENCE)

    def close(self) -> None:
        """
        Close all connections.
        """
        self._epoll.close()
        for connection in self._connections.values():
            connection.socket.close()

    def _take_due(self, now: float) -> None:
        due = self._due
        while due and due[0] <= now:
            self.late.append(now - due[0])
            self._waiting.append(due.popleft())
        if len(self._waiting) > self._most_waiting:
            raise Overloaded

    def _send(self) -> None:
        while self._waiting and self._idle:
            self._idle.pop().send(self._waiting.popleft())

    def _read(self, began: float, timeout: float) -> None:
        # epoll's own timeout is in whole milliseconds, in which dozens of requests come due.
        if timeout > 0:
            select.select([self._epoll], [], [], timeout)
        for descriptor, _ in self._epoll.poll(0):
            connection = self._connections[descriptor]
            if connection.read():
                self.latencies.append(time.perf_counter() - began - connection.due)
                self._idle.append(connection)


def wake_in_time() -> None:
    """
    Ask the kernel to end waits when they are over, and not up to 50 microseconds later.
    """
    with suppress(OSError), open("/proc/self/timerslack_ns", "w") as slack:
        slack.write("1")


def main(arguments: Sequence[str]) -> None:
    """
    Run the program.
    """
    port, seconds, rate = int(arguments[0]), float(arguments[1]), float(arguments[2])
    load = OpenLoop(port, arrivals(rate, seconds), int(rate * OVERLOADED_AFTER))
    gc.disable()
    wake_in_time()
    try:
        load.run()
    except Overloaded:
        print(json.dumps({"overloaded": True}))
        return
    latencies, late = sorted(load.latencies), sorted(load.late)
    shares = {"p50": 0.5, "p99": 0.99, "p999": 0.999}
    answered = {key: percentile(latencies, share) for key, share in shares.items()}
    print(json.dumps({**answered, "late99": percentile(late, 0.99)}))


if __name__ == "__main__":
    main(sys.argv[1:])
