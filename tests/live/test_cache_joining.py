"""
Many clients that want the same at once.
"""

from __future__ import annotations

import socket
import struct
from threading import Event
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.live.caches import Response, answer_to, begin_to_ask, begun, caching, whole, with_tls
from tests.live.programs import DEADLINE, eventually
from tests.live.proxy import Proxy
from tests.live.scripted_origin import ScriptedOrigin, response

CLIENTS = 200

HOUR = "Cache-Control: max-age=3600"

PIECE = b"0123456789abcdef" * 256
PIECES = 30

CHUNKED = f"HTTP/1.1 200 OK\r\n{HOUR}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
CHUNK = b"%x\r\n%b\r\n" % (len(PIECE), PIECE)
LAST_CHUNK = b"0\r\n\r\n"


class JoiningCase(SynchronousTestCase):
    """
    @ivar told: what the origin waits for, each time it is told to go on.
    """

    def start(self, **use: Any) -> None:
        self.told = [Event(), Event()]
        self.origin = ScriptedOrigin(self, self.answer)
        document = caching(self.origin.url, **use)
        self.context = with_tls(self, document)
        self.proxy = Proxy(self, document)
        for event in self.told:
            self.addCleanup(event.set)

    def answer(self, connection: socket.socket, number: int) -> None:
        """
        Answer the origin's request of that number.
        """
        raise NotImplementedError

    def wait(self, place: int) -> None:
        """
        Have the origin wait until it is told to go on.
        """
        self.told[place].wait(DEADLINE)

    def until_asked(self, times: int) -> None:
        """
        Wait until the origin was asked so often.
        """
        eventually(lambda: len(self.origin.asked) >= times or None, f"{times} requests to the origin")

    def until_begun(self, clients: list[socket.socket]) -> None:
        """
        Wait until each of them gets something.
        """
        for client in clients:
            self.assertEqual(client.recv(15, socket.MSG_PEEK), b"HTTP/1.1 200 OK")

    def several(self, count: int, path: str = "/page", secure: bool = False) -> list[socket.socket]:
        """
        Clients that have asked.
        """
        context = self.context if secure else None
        clients = [begin_to_ask(self.proxy, path, context) for _ in range(count)]
        for client in clients:
            self.addCleanup(client.close)
        return clients

    def answers(self, clients: list[socket.socket]) -> list[Response]:
        """
        The answers of all, which are whole.
        """
        answers = [answer for answer in map(answer_to, clients) if answer is not None]
        self.assertEqual(len(answers), len(clients))
        return answers

    def assertKept(self, kept: bool, path: str = "/page") -> Response:
        """
        Whether the next one is answered from the cache; it is answered with the whole.
        """
        [answer] = self.answers(self.several(1, path))
        self.assertEqual(answer.is_hit, kept, answer.told)
        return answer


class SlowOriginTests(JoiningCase):
    def answer(self, connection: socket.socket, number: int) -> None:
        self.wait(0)
        connection.sendall(CHUNKED)
        for _ in range(PIECES // 2):
            connection.sendall(CHUNK)
            self.told[1].wait(0.01)
        self.wait(1)
        for _ in range(PIECES - PIECES // 2):
            connection.sendall(CHUNK)
        connection.sendall(LAST_CHUNK)

    def assertAllTheSame(self, answers: list[Response]) -> None:
        """
        All got the whole body.
        """
        self.assertEqual({answer.body == PIECE * PIECES for answer in answers}, {True})

    def assertCollapsed(self, answers: list[Response], count: int) -> None:
        """
        So many of them waited for what another one had asked for.
        """
        self.assertEqual(sum(answer.told.endswith("collapsed") for answer in answers), count)

    def test_one_request(self) -> None:
        """
        Two hundred clients that ask for what is not there yet make one request, and
        each gets all of it, also who comes when half of it has come; then it is kept.
        """
        self.start(join_timeout="60s")
        clients = self.several(CLIENTS // 2)
        self.until_asked(1)
        self.told[0].set()
        self.until_begun(clients)
        clients += self.several(CLIENTS // 2)
        self.until_begun(clients)
        self.told[1].set()
        answers = self.answers(clients)
        self.assertAllTheSame(answers)
        self.assertCollapsed(answers, CLIENTS - 1)
        self.assertEqual(len(self.origin.asked), 1)
        self.assertAllTheSame([self.assertKept(True)])

    def test_over_tls(self) -> None:
        """
        So it is over TLS.
        """
        self.start(join_timeout="60s")
        clients = self.several(40, secure=True)
        self.until_asked(1)
        self.told[0].set()
        answers = [begun(client) for client in clients]
        self.told[1].set()
        bodies = [answer.body for answer in map(whole, answers) if answer is not None]
        self.assertEqual([body == PIECE * PIECES for body in bodies], [True] * len(clients))
        self.assertEqual(len(self.origin.asked), 1)

    def test_first_client_leaves(self) -> None:
        """
        Where the client that it was asked for leaves in the middle, the others get it whole.
        """
        self.start(join_timeout="60s")
        [first] = self.several(1)
        self.until_asked(1)
        clients = self.several(20)
        self.told[0].set()
        self.until_begun([first, *clients])
        first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        first.close()
        late = self.several(20)
        self.until_begun(late)
        self.told[1].set()
        answers = self.answers(clients + late)
        self.assertAllTheSame(answers)
        self.assertCollapsed(answers, 40)
        self.assertEqual(len(self.origin.asked), 1)
        self.assertAllTheSame([self.assertKept(True)])


class PrivateTests(JoiningCase):
    def answer(self, connection: socket.socket, number: int) -> None:
        if number == 0:
            self.wait(0)
        connection.sendall(response(b"for %d" % number, "Cache-Control: private"))

    def test_each_its_own(self) -> None:
        """
        Pitfall 29: an answer that is for one client is for one client, and the others get their
        own, however many wait.
        """
        self.start(join_timeout="60s")
        clients = self.several(CLIENTS)
        self.until_asked(1)
        self.told[0].set()
        bodies = [answer.body for answer in self.answers(clients)]
        self.assertEqual(sorted(bodies), sorted(b"for %d" % number for number in range(CLIENTS)))
        self.assertKept(False)


class CutTests(JoiningCase):
    """
    @ivar cut: whether the next answer is cut short.
    """

    cut = False

    def answer(self, connection: socket.socket, number: int) -> None:
        chunked = b"/chunked " in self.origin.asked[number]
        sized = response(PIECE * PIECES, HOUR, 'ETag: "one"')
        whole = CHUNKED + CHUNK * PIECES + LAST_CHUNK if chunked else sized
        cut, self.cut = self.cut, False
        if not cut:
            connection.sendall(whole)
            return
        self.wait(0)
        connection.sendall(whole[: len(whole) // 2])
        self.wait(1)
        raise OSError("cut short")

    def test_cut_short(self) -> None:
        """
        Pitfall 13: a body that the origin cuts short is whole for nobody, and who comes
        next gets all of it.
        """
        self.start(join_timeout="60s")
        for path in ("/sized", "/chunked"):
            self.cut = True
            before = len(self.origin.asked)
            for event in self.told:
                event.clear()
            clients = self.several(20, path)
            self.until_asked(before + 1)
            self.told[0].set()
            self.until_begun(clients)
            self.told[1].set()
            self.assertEqual([answer_to(client) for client in clients], [None] * 20)
            self.assertTrue(self.assertKept(False, path).body == PIECE * PIECES)
            self.assertTrue(self.assertKept(True, path).body == PIECE * PIECES)
            self.assertEqual(len(self.origin.asked), before + 2)


class StuckTests(JoiningCase):
    def answer(self, connection: socket.socket, number: int) -> None:
        if number == 0:
            self.wait(0)
        connection.sendall(response(b"from %d" % number, HOUR))

    def test_late(self) -> None:
        """
        Who waits too long for the answer to an equal request gets one of its own.
        """
        self.start(join_timeout="200ms")
        first = self.several(1)
        self.until_asked(1)
        others = self.several(10)
        bodies = {answer.body for answer in self.answers(others)}
        self.assertNotIn(b"from 0", bodies)
        self.told[0].set()
        self.assertEqual([answer.body for answer in self.answers(first)], [b"from 0"])
