"""
What a load asks for.
"""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB

BODIES = {"1k": KIB, "64k": 64 * KIB, "1m": MIB, "16m": 16 * MIB}
"""
What the origin serves: a file's name to its size in bytes.
"""

POST = "post"
"""
The file's name under which the origin takes a body; having read all of it, it answers with the file C{1k}.
"""


CACHEABLE = "/cacheable"
"""
Below this path, and any one directory in it, the origin says that its answers may be kept for a day.
"""

MARK = "X-Answer"
"""
The field with which it marks them, each in another way: what comes twice with the same mark was kept.
"""


@dataclass(frozen=True)
class Request:
    """
    A request that the origin answers with a file.

    @ivar path: where the file is asked for, below any directory.
    @ivar tls: whether the client speaks TLS to the proxy.
    @ivar fields: header fields sent with it, besides Host.
    @ivar sent: the size of the request's body in bytes; with one, the method is POST.
    """

    path: str
    tls: bool = False
    fields: tuple[str, ...] = ()
    sent: int = 0

    @property
    def size(self) -> int:
        """
        The size of the answer's body, in bytes.
        """
        name = self.path.rpartition("/")[2]
        return BODIES["1k" if name == POST else name]

    def head(self) -> bytes:
        """
        Write the head of the request as a client sends it.
        """
        method = "POST" if self.sent else "GET"
        length = [f"Content-Length: {self.sent}"] if self.sent else []
        lines = [f"{method} {self.path} HTTP/1.1", "Host: 127.0.0.1", *self.fields, *length, "", ""]
        return "\r\n".join(lines).encode("ascii")
