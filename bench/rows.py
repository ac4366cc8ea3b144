"""
What is measured: the rows of the table.
"""

from dataclasses import dataclass, field

from bench.request import MIB, POST, Request
from bench.setup import Cache, Setup
from bench.workloads.closed_loop import ClosedLoop
from bench.workloads.generated import ResumedHandshakes, WebSocketMessages
from bench.workloads.idle import IdleConnections
from bench.workloads.kept import EntryMemory, Hits, Misses
from bench.workloads.latency import Latency
from bench.workloads.lookups import Lookups
from bench.workloads.picks import FEW, MANY, Picks
from bench.workloads.start import Start
from bench.workloads.workload import Workload

BROWSER_FIELDS = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Referer: https://www.example.com/articles/2026/some-page.html",
    "Cookie: session=4f2a9c1be07d4e2c9a55; theme=dark; consent=1",
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Site: same-origin",
    "Cache-Control: max-age=0",
)
CLOSE = ("Connection: close",)


@dataclass(frozen=True)
class Row:
    """
    One line of the table, or a few that come from the same load.

    @ivar name: what the command line and the table call it.
    @ivar what: what is measured, in words.
    @ivar workload: the load.
    @ivar setup: how the proxies are set up for it.
    @ivar family: what rows have in common that are compared with each other; they must follow each other.
    """

    name: str
    what: str
    workload: Workload
    setup: Setup = field(default_factory=Setup)
    family: str = ""


def _routes(count: int) -> Row:
    load = ClosedLoop(Request("/route-0/0/1k"), script=("routes.lua", str(count)))
    what = f"1 KB, 10000 paths in turn, by {count} route{'s' if count > 1 else ''}"
    return Row(f"routes-{count}", what, load, Setup(routes=count), "routes")


def _servers(count: int) -> Row:
    return Row(
        f"servers-{count}",
        f"1 KB from {count} server{'s' if count > 1 else ''} in turn",
        ClosedLoop(Request("/1k")),
        Setup(servers=count),
        "servers",
    )


def _picks(name: str, load: Picks) -> Row:
    return Row(f"pick-{name}", f"{name}: choosing one of {FEW} servers, and of {MANY}", load)


SMALL, LARGE = Cache(mebibytes=16), Cache(mebibytes=2048)
"""
A cache that is full after the first second, so that each answer drives another out; and one that never is.
"""

PICKS = {
    "round-robin": Picks({"type": "round-robin"}),
    "weighted-round-robin": Picks({"type": "round-robin"}, weights=7),
    "filling-round-robin": Picks({"type": "round-robin"}, fills=True),
    "random": Picks({"type": "random"}),
    "power-of-two": Picks({"type": "power-of-two"}),
    "least-connections": Picks({"type": "least-connections"}),
    "least-time": Picks({"type": "least-time"}),
    "consistent-hash": Picks({"type": "consistent-hash", "key": "client-ip"}),
    "sticky": Picks({"type": "sticky"}),
    "first": Picks({"type": "first"}),
}
"""
The balancers whose picks are measured.
"""

ROWS = {
    row.name: row
    for row in (
        Row("1k-plain", "1 KB, two fields", ClosedLoop(Request("/1k", fields=("Accept: */*",)))),
        Row(
            "1k-fields", "1 KB, ten fields as of a browser", ClosedLoop(Request("/1k", fields=BROWSER_FIELDS))
        ),
        Row("64k-plain", "64 KB", ClosedLoop(Request("/64k"))),
        Row("16m-plain", "16 MB", ClosedLoop(Request("/16m"), connections=4)),
        Row("1k-tls", "1 KB over TLS", ClosedLoop(Request("/1k", tls=True))),
        Row("64k-tls", "64 KB over TLS", ClosedLoop(Request("/64k", tls=True))),
        Row("16m-tls", "16 MB over TLS", ClosedLoop(Request("/16m", tls=True), connections=4)),
        Row(
            "handshake",
            "full TLS handshake, with 1 KB",
            ClosedLoop(Request("/1k", tls=True, fields=CLOSE), connections=16),
            Setup(full_handshakes=True),
        ),
        Row(
            "resumed",
            "resumed TLS handshake, with 1 KB",
            ResumedHandshakes(),
            Setup(resumption=True),
        ),
        Row(
            "websocket",
            "WebSocket message of 125 bytes and its echo",
            WebSocketMessages(),
            Setup(upgrades=True),
        ),
        Row(
            "post-1m",
            "request body of 1 MB",
            ClosedLoop(Request(f"/{POST}", sent=MIB), connections=8, script=("post.lua", str(MIB))),
        ),
        Row("idle", "memory of an idle connection, of 10,000", IdleConnections(10_000, tls=False)),
        Row("idle-tls", "memory of an idle TLS connection, of 2,000", IdleConnections(2_000, tls=True)),
        Row("latency", "time to an answer at half of nginx's top rate, open loop", Latency()),
        _routes(1),
        _routes(100),
        _routes(10_000),
        _servers(1),
        _servers(1000),
        *(_picks(name, load) for name, load in PICKS.items()),
        Row("hit-1k", "1 KB from a cache in memory", Hits("1k"), Setup(cache=Cache())),
        Row("hit-64k", "64 KB from a cache in memory", Hits("64k"), Setup(cache=Cache())),
        Row(
            "hit-1m-disk", "1 MB from a cache on disk", Hits("1m", connections=8), Setup(cache=Cache("disk"))
        ),
        Row("uncached", "1 KB, another path each time, without a cache", Misses("1k"), family="miss"),
        Row("miss", "the same, kept by a cache in memory", Misses("1k"), Setup(cache=SMALL), family="miss"),
        Row("entry", "memory of a kept response of 1 KB", EntryMemory("1k"), Setup(cache=LARGE)),
        Row("lookup", "finding one of a few entries in memory, and of many", Lookups()),
        Row("start", "from the command to the first answer", Start()),
    )
}
