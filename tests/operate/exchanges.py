"""
Finished exchanges, for the tests of what is said about them afterwards.
"""

from __future__ import annotations

from typing import cast

from revproxy.exchange import Exchange, Outbound, Peer, Request, Response
from revproxy.interfaces import IDownstream
from revproxy.wire.fields import Fields, FrozenFields, Pair


def finished_exchange(
    *fields: Pair, target: bytes = b"/a", query: bytes | None = None, method: bytes = b"GET"
) -> Exchange:
    """
    An exchange that a server answered with 200 and 1024 octets, a tenth of a second
    after it began; all was sent after another 23 milliseconds.
    """
    frozen = FrozenFields(fields)
    request = Request(method, b"https", b"example.com", b"example.com", target, query, b"1.1", frozen)
    outbound = Outbound(method, request.target, None, Fields(fields))
    peer = Peer("127.0.0.1", 4321, 443, "secure", secure=True)
    downstream = cast(IDownstream, None)
    exchange = Exchange(request, outbound, peer, "203.0.113.7", downstream, started=50.0, most_body=0)
    exchange.response = Response(200, b"OK", Fields(), 1024)
    exchange.server = "http://10.0.0.1:8001"
    exchange.tries = 1
    exchange.first_byte = 50.1
    exchange.ended = 50.123
    exchange.body_sent = 1024
    return exchange
