"""
What makes C{twistd} know C{revproxy}.
"""

from twisted.application.service import ServiceMaker

revproxy = ServiceMaker(
    "revproxy",
    "revproxy.tap",
    "A reverse proxy: HTTP and TLS endpoints in front of other servers.",
    "revproxy",
)
