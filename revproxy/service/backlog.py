"""
How many connections may wait at an endpoint until they are accepted.
"""

from __future__ import annotations

import re

BACKLOG = 1024
"""
Twisted's own 50 is soon used up when many clients come at once, and those that find
no place try again only after a second.  The system may allow fewer
(C{net.core.somaxconn}).
"""

_SILENT_OF_BACKLOG = re.compile(
    r"(?:haproxy:)?(?:tcp6?|unix):(?:[^:\\]|\\.)+(?::(?!backlog=)\w+=(?:[^:\\]|\\.)*)*"
).fullmatch
"""
Matches an endpoint whose further arguments all have names, none of which is this one.
"""


def with_backlog(endpoint: str) -> str:
    """
    @param endpoint: a Twisted server endpoint string.
    @return: the same with room for more connections, unless it says itself how many,
        or its socket is not opened by us.
    """
    return f"{endpoint}:backlog={BACKLOG}" if _SILENT_OF_BACKLOG(endpoint) else endpoint
