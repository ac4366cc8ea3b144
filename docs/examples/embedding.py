"""
A program of one's own with the proxy in it::

    python embedding.py tcp:8080 http://127.0.0.1:9001 http://127.0.0.1:9002

``/`` is a page of the program, and what is asked for under ``/api`` goes to the servers.
"""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.task import react
from twisted.web.resource import Resource
from twisted.web.server import Site
from twisted.web.static import Data

from revproxy.embed import reverse_proxy_resource


def site(reactor: Any, *servers: str) -> Site:
    """
    The page, and the proxy beside it.
    """
    root = Resource()
    root.putChild(b"", Data(b"a page of the program\n", "text/plain"))
    root.putChild(b"api", reverse_proxy_resource(reactor, servers, timeouts={"first_byte": "10s"}))
    return Site(root, reactor=reactor)


async def main(reactor: Any, endpoint: str, *servers: str) -> None:
    """
    Listen, and go on until somebody stops it.
    """
    await serverFromString(reactor, endpoint).listen(site(reactor, *servers))
    await Deferred()  # for ever


if __name__ == "__main__":
    react(main, sys.argv[1:])
