"""
What is left after a load.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import subprocess

from twisted.trial.unittest import SynchronousTestCase

from tests.live.installed import installed
from tests.live.nginx import Nginx
from tests.live.probe import with_probe
from tests.live.programs import eventually, get, new_directory
from tests.live.proxy import Proxy, relaying

REQUESTS = 100_000

MOST_BURSTS = 60

REQUEST = b"GET /page HTTP/1.1\r\nHost: a.test\r\n\r\n"

LEAVERS = (
    b"",
    b"GET /pa",
    REQUEST,
    REQUEST * 3,
    b"GET /large HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"PUT /page HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\nthe first words",
    b"GET /missing HTTP/9.9\r\n\r\n",
)
"""
What clients say before they leave.
"""

Held = dict[str, int]


class LeakTests(SynchronousTestCase):
    def setUp(self) -> None:
        origin = Nginx(self)
        origin.root.joinpath("page").write_bytes(b"x" * 1000)
        origin.root.joinpath("large").write_bytes(b"x" * 10_000_000)
        directory = new_directory(self)
        document = relaying(origin.url, connections={"idle_timeout": "500ms"})
        document["filters"] = {"held": {"type": "probe"}}
        document["routes"].append({"path": "/held", "upstream": "app", "filters": ["held"]})
        self.proxy = Proxy(self, document, directory, with_probe(directory))

    def held(self) -> Held:
        """
        What the proxy's reactor holds now.
        """
        answer = get(self.proxy.port(), "/held")
        held: Held = json.loads(answer.body)
        return held

    def burst(self) -> int:
        """
        Two seconds of as many requests as possible.

        @return: how many were answered, none of them wrongly.
        """
        url = f"http://127.0.0.1:{self.proxy.port()}/page"
        command = [installed("wrk"), "--threads=1", "--connections=64", "--duration=2s", url]
        report = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
        self.assertNotIn("Non-2xx", report)
        found = re.search(r"(\d+) requests in", report)
        assert found is not None, report
        return int(found[1])

    def come_and_go(self) -> None:
        """
        Clients that leave in the middle, half of them without a word.
        """
        for said in LEAVERS * 10:
            for linger in (True, False):
                client = self.proxy.connect()
                if linger:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.sendall(said)
                client.close()

    def test_nothing_is_left(self) -> None:
        """
        Pitfall 44: after 100,000 requests of clients that come and go the reactor holds no call
        and no descriptor that it did not hold before, and no exchange is remembered.
        """
        before = self.held()
        requests = 0
        for _ in range(MOST_BURSTS):
            self.come_and_go()
            requests += self.burst()
            if requests >= REQUESTS:
                break
        self.assertGreaterEqual(requests, REQUESTS)
        self.come_and_go()
        eventually(lambda: self.at_rest(before), "the reactor to hold no more than before")

    def at_rest(self, before: Held) -> Held | None:
        """
        What is held, once it is no more than before.
        """
        held = self.held()
        return held if all(held[name] <= before[name] for name in before) else None
