"""
Clients and servers that do what they like, in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.pool.server import ConnectionLimits
from revproxy.flow.pool.terms import UpstreamTimeouts
from tests.edge.memory import MemoryConnection
from tests.edge.proxied import GET, OK, Proxied, post

Step = Callable[[MemoryConnection], object]

UPGRADE: Final = b"Connection: upgrade\r\nUpgrade: echo\r\n\r\n"
SAID_BY_CLIENTS: Final = (
    GET,
    GET[:9],
    GET[9:],
    b"GET / HTTP/1.0\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    post(5, b"abcde"),
    post(200000, b"abc"),
    b"a" * 100000,
    b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"3\r\nabc\r\n",
    b"0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + UPGRADE,
    b"GET http://nonsense:x/ HTTP/1.1\r\n\r\n",
)
SAID_BY_SERVERS: Final = (
    OK,
    OK[:9],
    OK[9:],
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n",
    b"0\r\n\r\n",
    b"a" * 100000,
    b"HTTP/1.1 101 Switching Protocols\r\n" + UPGRADE,
    b"nonsense\r\n\r\n",
)


def saying(data: bytes) -> Step:
    return lambda connection: None if connection.gone else connection.send(data)


def finish(connection: MemoryConnection) -> None:
    if not connection.gone:
        connection.finish()


DOING: Final = (finish, MemoryConnection.leave, MemoryConnection.stall, MemoryConnection.take)
STEPS: Final = st.one_of(
    st.tuples(st.just("client"), st.sampled_from([*map(saying, SAID_BY_CLIENTS), *DOING])),
    st.tuples(st.just("server"), st.sampled_from([*map(saying, SAID_BY_SERVERS), *DOING])),
    st.tuples(st.just("clock"), st.sampled_from([0.5, 2.5, 11.0, 61.0])),
)


class DialogueTests(SynchronousTestCase):
    @settings(max_examples=300, deadline=None)
    @given(st.lists(STEPS, min_size=2, max_size=14))
    def test_nothing_left(self, steps: list[tuple[str, object]]) -> None:
        """
        Pitfall 44: whatever clients and servers do, when the clients are gone, and servers
        have taken what was on its way to them through tunnels, nothing is left: no call, no
        connection, no exchange that a server still works on.
        """
        proxied = Proxied(
            upgrades=(b"echo",),
            limits=ConnectionLimits(most=2, requests=3),
            timeouts=UpstreamTimeouts(
                connect=5.0, first_byte=20.0, idle=40.0, response=60.0, tunnel_idle=30.0
            ),
        )
        client = proxied.client()
        for who, step in steps:
            if client.gone:
                client = proxied.client()
            self.take_step(proxied, client, who, step)
        client.leave()
        for origin in proxied.origins:
            origin.take()
        proxied.advance(0)
        self.assertEqual(proxied.leftovers(), [])
        self.assertTrue(all(origin.gone for origin in proxied.origins))
        self.assertEqual(self.flushLoggedErrors(), [])

    def take_step(self, proxied: Proxied, client: MemoryConnection, who: str, step: object) -> None:
        if isinstance(step, float):
            proxied.advance(step)
            return
        connection = client if who == "client" else proxied.origins[-1] if proxied.origins else None
        if connection is not None:
            assert callable(step)
            step(connection)
