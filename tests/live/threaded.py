"""
A server in a thread, for tests whose own code waits for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from socket import SHUT_RDWR, create_server, socket
from threading import Thread


@contextlib.contextmanager
def in_thread(serve: Callable[[socket], None], backlog: int | None = None) -> Iterator[int]:
    """
    Listen at a free port, which is what is given.

    @param serve: accepts connections until that fails.
    """
    with create_server(("127.0.0.1", 0), backlog=backlog) as listening:
        thread = Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            # The thread may be waiting for a connection that nobody makes.
            listening.shutdown(SHUT_RDWR)
            thread.join()
