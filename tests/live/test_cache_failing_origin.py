"""
What is stale, where the origin is gone, fails or takes its time.
"""

from __future__ import annotations

import socket
from threading import Event
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.live.caches import Client, Response, answer_to, begin_to_ask, caching
from tests.live.programs import DEADLINE, eventually
from tests.live.proxy import Proxy
from tests.live.scripted_origin import ScriptedOrigin, response

FIELDS = {
    b"/own": ["Cache-Control: max-age=0, stale-if-error=60", 'ETag: "one"'],
    b"/configured": ["Cache-Control: max-age=0", 'ETag: "one"'],
    b"/strict": ["Cache-Control: max-age=0, must-revalidate, stale-if-error=60", 'ETag: "one"'],
    b"/fresh": ["Cache-Control: max-age=60", "Cache-Tag: all"],
}

BAD = "503 Service Unavailable"


class FailingOriginTests(SynchronousTestCase):
    """
    @ivar bad: whether the origin answers with an error.
    """

    def start(self, **use: Any) -> None:
        self.bad = False
        self.origin = ScriptedOrigin(self, self.answer)
        self.client = Client(self, Proxy(self, caching(self.origin.url, **use)))

    def answer(self, connection: socket.socket, number: int) -> None:
        path = self.origin.asked[number].split(b" ")[1]
        if self.bad:
            connection.sendall(response(b"out of order", status=BAD))
        else:
            connection.sendall(response(path, *FIELDS[path]))

    def ask(self, path: bytes) -> tuple[int, bytes]:
        answer = self.client.ask(path.decode())
        return answer.status, answer.body

    def assertCovered(self, *paths: bytes) -> None:
        """
        The stale ones are as good as they were.
        """
        for path in paths:
            answer = self.client.ask(path.decode())
            self.assertEqual((answer.status, answer.body), (200, path))
            self.assertIn("stale-if-error", answer.told)

    def test_killed(self) -> None:
        """
        An origin that is killed is covered by what is stale where the response or the file
        allows it, and only there; when it is back it is asked.
        """
        self.start(stale_if_error="1m")
        for path in FIELDS:
            self.assertEqual(self.ask(path), (200, path))
        self.client.purge("/fresh", Purge_Mode="soft")
        self.origin.stop()
        for _ in range(2):
            self.assertCovered(b"/own", b"/configured", b"/fresh")
            self.assertEqual(self.ask(b"/strict")[0], 502)
        self.origin.start()
        self.bad = True
        self.assertCovered(b"/own", b"/configured", b"/fresh")
        self.assertEqual(self.ask(b"/strict"), (503, b"out of order"))
        self.bad = False
        for path in FIELDS:
            answer = self.client.ask(path.decode())
            self.assertRegex(answer.told, "^fwd=stale; fwd-status=200; stored")

    def test_purged(self) -> None:
        """
        What is purged hard covers nothing.
        """
        self.start(stale_if_error="1m")
        for path in FIELDS:
            self.ask(path)
        self.client.purge("/configured")
        self.client.purge("/", Cache_Tag="all")
        self.origin.stop()
        self.assertCovered(b"/own")
        for path in (b"/configured", b"/fresh"):
            self.assertEqual(self.ask(path)[0], 502)


class BackgroundTests(SynchronousTestCase):
    def answer(self, connection: socket.socket, number: int) -> None:
        if number > 0:
            self.goes_on.wait(DEADLINE)
        lifetime = 3600 if number > 0 else 0
        field = f"Cache-Control: max-age={lifetime}, stale-while-revalidate=60"
        connection.sendall(response(b"answer %d" % number, field))

    def test_validated_meanwhile(self) -> None:
        """
        All clients get what is stale at once, while the origin is asked once, which takes its
        time; then all get what it has answered.
        """
        self.goes_on = Event()
        self.addCleanup(self.goes_on.set)
        origin = ScriptedOrigin(self, self.answer)
        proxy = Proxy(self, caching(origin.url))
        answer_to(begin_to_ask(proxy, "/page"))
        clients = [begin_to_ask(proxy, "/page") for _ in range(50)]
        for client in clients:
            answer = answer_to(client)
            assert answer is not None
            self.assertEqual(answer.body, b"answer 0")
            self.assertRegex(answer.told, "^hit; ttl=-[0-9]+; detail=stale-while-revalidate$")
        eventually(lambda: len(origin.asked) > 1 or None, "the origin to be asked in the background")
        self.goes_on.set()

        def newer() -> Response | None:
            answer = answer_to(begin_to_ask(proxy, "/page"))
            return answer if answer is not None and answer.body != b"answer 0" else None

        answer = eventually(newer, "the newer one")
        self.assertEqual(answer.body, b"answer 1")
        self.assertTrue(answer.is_hit)
        self.assertEqual(len(origin.asked), 2)
