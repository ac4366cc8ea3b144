"""
Many clients that read slowly what is in the cache, or leave in the middle.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.caches import Client, begin_to_ask, caching, connect, with_tls
from tests.live.nginx import Nginx
from tests.live.probe import with_probe
from tests.live.programs import eventually, get, new_directory
from tests.live.proxy import Document, Proxy

CLIENTS = 200

PAGE = b"".join(b"line %d\n" % number for number in range(400_000))
"""
More than the system takes of it for a client that does not read.
"""

PER_CLIENT = 512 * 1024
"""
The most memory that such a client may take: 150 to 260 KiB were measured, as a piece of a body
has 256 KiB.
"""

SERVER = "location / { expires 1h; }"

RESET = struct.pack("ii", 1, 0)

Held = dict[str, int]


class SlowReadersCase(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.origin = Nginx(self, SERVER)
        self.origin.root.joinpath("page").write_bytes(PAGE)

    def start(self, **store: Any) -> None:
        """
        Start a proxy whose cache has the page.
        """
        document: Document = caching(self.origin.url, store)
        self.context: ssl.SSLContext = with_tls(self, document)
        document["filters"] = {"held": {"type": "probe"}}
        document["routes"].append({"path": "/held", "upstream": "app", "filters": ["held"]})
        directory = new_directory(self)
        self.proxy = Proxy(self, document, directory, with_probe(directory))
        for context in (None, self.context):
            client = Client(self, self.proxy, context)
            client.ask("/page")
            self.assertTrue(client.ask("/page").is_hit)
            client.close()

    def readers(self, stack: contextlib.ExitStack, secure: bool = False) -> list[socket.socket]:
        """
        Clients that have read nothing but the first octets.
        """
        context = self.context if secure else None
        readers = [
            stack.enter_context(begin_to_ask(self.proxy, "/page", context, narrow=True))
            for _ in range(CLIENTS)
        ]
        for reader in readers:
            reader.recv(1, 0 if secure else socket.MSG_PEEK)
        return readers

    def held(self) -> Held:
        """
        What the proxy's reactor holds now.
        """
        held: Held = json.loads(get(self.proxy.port(), "/held").body)
        return held

    def at_rest(self, before: Held) -> Held | None:
        """
        What is held, once it is no more than before.
        """
        held = self.held()
        return held if all(held[name] <= before[name] for name in before) else None

    def check(self, secure: bool) -> None:
        """
        Have many clients read slowly, one of them all of it, and the others leave.
        """
        before, memory = self.held(), self.proxy.peak_memory()
        with contextlib.ExitStack() as stack:
            first, *others = self.readers(stack, secure)
            self.assertLess(self.proxy.peak_memory() - memory, CLIENTS * PER_CLIENT)
            self.assertTrue(b"".join(iter(lambda: first.recv(1 << 20), b"")).endswith(PAGE))
            for reader in others[::2]:
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.assertLess(self.proxy.peak_memory() - memory, CLIENTS * PER_CLIENT)
        eventually(lambda: self.at_rest(before), "all that was begun to end")


class SlowReadersTests(SlowReadersCase):
    """
    Pitfalls 26, 44: what is held for many who read slowly is no more than a piece of the body
    for each; those who leave in the middle, half of them without a word, leave nothing.
    """

    def test_memory(self) -> None:
        """
        So it is with a cache in memory.
        """
        self.start(type="memory")
        self.check(secure=False)

    def test_disk(self) -> None:
        """
        So it is with one on disk, and over TLS.
        """
        self.start(type="disk", path=str(new_directory(self) / "cache"))
        self.check(secure=False)
        self.check(secure=True)

    def test_pipelined(self) -> None:
        """
        A client that asks on and on, and reads nothing, is answered no further.
        """
        self.origin.root.joinpath("middling").write_bytes(PAGE[:200_000])
        self.start(type="memory")
        request = b"GET /middling HTTP/1.1\r\nHost: a.test\r\n\r\n"
        for context in (None, self.context):
            client = Client(self, self.proxy, context)
            client.ask("/middling")
            self.assertTrue(client.ask("/middling").is_hit)
            client.close()
            before = self.proxy.peak_memory()
            with connect(self.proxy, context, narrow=True) as reader:
                reader.sendall(request * 1000)
                reader.recv(1)
                self.held()
                self.assertLess(self.proxy.peak_memory() - before, 50 * 200_000)
