"""
What is measured: the rows of the table.
"""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB

BODIES = {"/1k": KIB, "/64k": 64 * KIB, "/16m": 16 * MIB}
"""
What the origin serves: path to body size in bytes.
"""

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


@dataclass(frozen=True)
class Row:
    """
    One kind of load.

    @ivar name: what the command line and the table call it.
    @ivar path: the path that is asked for, a key of L{BODIES}.
    @ivar tls: whether the client speaks TLS to the proxy.
    @ivar connections: how many the load keeps open at once.
    @ivar fields: header fields sent with each request, besides Host.
    """

    name: str
    path: str
    tls: bool = False
    connections: int = 32
    fields: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """
        The size of the body, in bytes.
        """
        return BODIES[self.path]


ROWS = {
    row.name: row
    for row in (
        Row("1k-plain", "/1k"),
        Row("1k-fields", "/1k", fields=BROWSER_FIELDS),
        Row("64k-plain", "/64k"),
        Row("16m-plain", "/16m", connections=4),
        Row("1k-tls", "/1k", tls=True),
        Row("64k-tls", "/64k", tls=True),
        Row("16m-tls", "/16m", tls=True, connections=4),
        Row("handshake", "/1k", tls=True, connections=16, fields=("Connection: close",)),
    )
}
