"""
What makes C{twistd} know C{revproxy}, and its reactor.
"""

from twisted.application.reactors import Reactor
from twisted.application.service import ServiceMaker

revproxy = ServiceMaker(
    "revproxy",
    "revproxy.tap",
    "A reverse proxy: HTTP and TLS endpoints in front of other servers.",
    "revproxy",
)

reactor = Reactor(
    "revproxy-uvloop",
    "revproxy.reactor",
    "Streams on libuv's own transports, the rest as in Twisted's asyncio reactor; needs uvloop.",
)
