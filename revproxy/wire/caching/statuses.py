"""
Status codes as caches see them: RFC 9110 section 15, RFC 9111 section 3.
"""

from __future__ import annotations

from typing import Final

HEURISTICALLY_CACHEABLE: Final = frozenset((200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 451, 501))
"""
Statuses that may be stored without being told so: RFC 9110 section 15.1, and 451 of
RFC 7725.
"""

UNDERSTOOD: Final = HEURISTICALLY_CACHEABLE | frozenset(
    (
        201, 202, 205, 302, 303, 307, 400, 401, 402, 403, 406, 408, 409, 411, 413, 415, 421, 422, 426, 500,
        502, 503, 504, 505,
    )
)  # fmt: skip
"""
Statuses whose every rule about caching is kept here: RFC 9110 section 15.
"""

NEVER: Final = frozenset((304, 407, 412, 416, 417, 428, 429, 431, 511))
"""
Statuses of responses that are never stored, whatever they say, since they fit one
request alone: those to preconditions, ranges and expectations (304, 412, 416, 417), those
to a proxy (407), and those that RFC 6585 forbids to store.
"""

FAILURES: Final = frozenset((500, 502, 503, 504))
"""
The statuses that count as a failure of the server (RFC 5861 section 4).
"""
