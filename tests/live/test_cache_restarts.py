"""
The proxy with a cache on disk, which others share, and which is there after a restart, a
C{kill -9} too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import shake_128
from http.client import HTTPException
from pathlib import Path
from random import Random
from secrets import token_hex
from threading import Event

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.caches import Client, answer_to, begin_to_ask, caching
from tests.live.programs import new_directory
from tests.live.proxy import Document, Proxy
from tests.live.scripted_origin import ScriptedOrigin, response

SIZES = (0, 100, 5000, 60_000, 400_000)

PATHS = [f"/{number}/{size}" for number in range(12) for size in SIZES]


def body_of(path: str, seed: str) -> bytes:
    """
    What belongs to a path, the length of which it says, and to a seed, with which it begins.
    """
    length = int(path.rpartition("/")[2])
    return (seed.encode() + shake_128(f"{path} {seed}".encode()).digest(length))[:length]


class DiskCase(SynchronousTestCase):
    """
    @ivar lifetime: of what the origin answers, in seconds.
    """

    lifetime = 3600

    @override
    def setUp(self) -> None:
        self.directory = new_directory(self)
        self.origin = ScriptedOrigin(self, self.answer)

    def answer(self, connection: socket.socket, number: int) -> None:
        """
        Answer with another seed each time.
        """
        path = self.origin.asked[number].split(b" ")[1].decode()
        seed = token_hex(8)
        fields = (f'ETag: "{seed}"', f"Cache-Control: max-age={self.lifetime}")
        connection.sendall(response(body_of(path, seed), *fields))

    def document(self) -> Document:
        """
        The origin is not told on which port clients came: that would be in the keys, and each
        of these proxies has its own.
        """
        store = {"type": "disk", "path": str(self.directory / "cache"), "size": "64MiB", "max_object": "1MiB"}
        return {**caching(self.origin.url, store), "forwarded": {"x_forwarded": False}}


class WarmTests(DiskCase):
    def test_restart(self) -> None:
        """
        What was kept is there after a restart, without the origin.
        """
        document = self.document()
        proxy = Proxy(self, document)
        client = Client(self, proxy)
        kept = {path: client.ask(path).body for path in PATHS}
        proxy.program.stop()
        self.origin.stop()
        client = Client(self, Proxy(self, document))
        for path, body in kept.items():
            answer = client.ask(path)
            self.assertTrue(answer.is_hit, path)
            self.assertTrue(answer.body == body, path)
        part = client.ask("/1/400000", Range="bytes=300000-300099")
        self.assertEqual((part.status, part.body), (206, kept["/1/400000"][300_000:300_100]))

    def test_shared(self) -> None:
        """
        Of two processes each finds what the other one keeps, and does not what it purges.
        """
        one, two = (Client(self, Proxy(self, self.document())) for _ in range(2))
        for path in PATHS:
            body = one.ask(path).body
            answer = two.ask(path)
            self.assertTrue(answer.is_hit, path)
            self.assertTrue(answer.body == body, path)
        self.assertEqual(len(self.origin.asked), len(PATHS))
        self.assertEqual(two.purge("/1/*"), b'{"purged": %d}\n' % len(SIZES))
        self.assertFalse(one.ask("/1/5000").is_hit)
        self.assertTrue(one.ask("/2/5000").is_hit)
        self.assertEqual(len(self.origin.asked), len(PATHS) + 1)


class KilledTests(DiskCase):
    """
    Two processes that share a cache, one of which is killed again and again, while clients
    ask them, purge, and what is kept becomes stale.

    @cvar TURNS: how often it is killed.
    @ivar whole: how many answers were whole, from the cache and from the origin.
    @ivar wrong: what was wrong.
    """

    TURNS = 5

    lifetime = 1

    def test_killed(self) -> None:
        """
        Whenever the proxy is killed, no client of any proxy gets a body as whole that is torn,
        or that is not the one that its own head says.
        """
        self.whole = {True: 0, False: 0}
        self.wrong: list[str] = []
        self.over = Event()
        self.addCleanup(self.over.set)
        random = Random(1)
        lasting, killed = Proxy(self, self.document()), Proxy(self, self.document())
        with ThreadPoolExecutor(5) as clients:
            try:
                asking = [
                    clients.submit(self.ask_on, killed if number else lasting, Random(number))
                    for number in range(5)
                ]
                for _ in range(self.TURNS):
                    time.sleep(random.uniform(0.1, 0.7))
                    os.kill(killed.pid, signal.SIGKILL)
                    killed.program.process.wait()
                    killed = Proxy(self, killed.document, killed.directory)
            finally:
                self.over.set()
        for each in asking:
            each.result()
        self.assertEqual(self.wrong, [])
        self.assertGreater(min(self.whole.values()), 100, self.whole)
        self.check_all(killed)

    def ask_on(self, proxy: Proxy, random: Random) -> None:
        """
        Ask for one thing after the other until it is over.
        """
        while not self.over.wait(0.003):
            try:
                self.check(proxy, random.choice(PATHS))
            except OSError:
                self.over.wait(0.05)  # it is being started
            if random.random() < 0.02:
                with contextlib.suppress(OSError, HTTPException, AssertionError):
                    Client(self, proxy).purge(f"/{random.randrange(12)}/*")

    def check(self, proxy: Proxy, path: str) -> None:
        answer = answer_to(begin_to_ask(proxy, path))
        if answer is None:
            return
        seed = (answer.fields["etag"] or "").strip('"')
        if answer.status == 200 and answer.body == body_of(path, seed):
            self.whole[answer.told.startswith("hit")] += 1
        else:
            self.wrong.append(f"{path}: {answer.status} {answer.fields} {answer.body[:100]!r}")

    def check_all(self, proxy: Proxy) -> None:
        """
        In the end all is right, and the directory has little but what can be found.
        """
        for path in PATHS:
            self.check(proxy, path)
        self.assertEqual(self.wrong, [])
        in_files = sum(size >= 4096 for size in SIZES) * 12
        bodies = list(Path(self.directory, "cache", "bodies").glob("*/*"))
        self.assertLess(len(bodies), 3 * in_files)
