"""
The benchmark's own loads against a server that is really there.
"""

from __future__ import annotations

import contextlib
import os
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from socket import create_connection, create_server, socket
from tempfile import TemporaryDirectory
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase

from bench import wrk
from bench.certificate import write_certificate
from bench.generators.open_loop import OpenLoop, Overloaded
from bench.generators.resumed import NotResumed, client_context, connect
from bench.request import Request
from bench.workloads.generated import generate
from bench.workloads.idle import check_open
from bench.wrk import LoadFailed
from tests.live.installed import installed
from tests.live.threaded import in_thread

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CLOSE = b"\r\nConnection: close\r\n"
REFUSED = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


def server_context() -> ssl.SSLContext:
    with TemporaryDirectory() as directory:
        files = write_certificate(Path(directory))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
    return context


def answer(plain: socket, pieces: Sequence[bytes], tls: ssl.SSLContext | None, spoken: set[str]) -> None:
    with (
        contextlib.suppress(OSError),
        tls.wrap_socket(plain, server_side=True) if tls else plain as connection,
    ):
        if isinstance(connection, ssl.SSLSocket):
            cipher, version, _ = connection.cipher() or ("", "", 0)
            spoken.add(f"{version} {cipher}")
        while request := connection.recv(65536):
            for piece in pieces:
                connection.sendall(piece)
            if CLOSE in request:
                return


@contextlib.contextmanager
def serving(
    *pieces: bytes, tls: ssl.SSLContext | None = None, spoken: set[str] | None = None
) -> Iterator[int]:
    """
    A server that answers each request with the same bytes, and if there are none, not at all.

    @param spoken: gets the versions and ciphers that TLS connections use.
    """
    heard = set[str]() if spoken is None else spoken

    def serve(listening: socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                Thread(target=answer, args=(connection, pieces, tls, heard), daemon=True).start()

    with in_thread(serve, backlog=128) as port:
        yield port


class OpenLoopTests(SynchronousTestCase):
    def load(self, port: int, due: list[float], most_waiting: int = 1000) -> OpenLoop:
        load = OpenLoop(port, due, most_waiting)
        self.addCleanup(load.close)
        return load

    def test_all_are_answered(self) -> None:
        """
        Every request that was due has an answer in the end, however that was cut.
        """
        with serving(OK[:10], OK[10:40], OK[40:]) as port:
            load = self.load(port, [index / 10_000 for index in range(500)])
            load.run()
        self.assertEqual((len(load.latencies), len(load.late)), (500, 500))

    def test_waiting_counts(self) -> None:
        """
        The time to an answer counts from when the request was due, not from when it could be sent.
        """
        with serving(OK) as port:
            load = self.load(port, [-1.0] * 500)
            load.run()
        self.assertGreater(min(load.latencies), 1.0)

    def test_refusals(self) -> None:
        """
        A load of which anything but success comes is no measurement.
        """
        with serving(REFUSED) as port:
            self.assertRaises(ConnectionError, self.load(port, [0.0]).run)

    def test_overloaded(self) -> None:
        """
        Where more and more requests wait for a connection, it ends.
        """
        with serving() as port:
            self.assertRaises(Overloaded, self.load(port, [0.0] * 500, most_waiting=400).run)


class WrkTests(SynchronousTestCase):
    def test_one_cipher(self) -> None:
        """
        What wrk offers over TLS leaves no choice to the proxies.
        """
        context = server_context()
        program, core, spoken = installed("wrk"), min(os.sched_getaffinity(0)), set[str]()
        with serving(OK, tls=context, spoken=spoken) as port:
            wrk.run(wrk.command(program, Request("/1k", tls=True), port, connections=1, seconds=1), core, 1)
        self.assertEqual(spoken, {"TLSv1.3 TLS_AES_128_GCM_SHA256"})


class GenerateTests(SynchronousTestCase):
    def test_failure(self) -> None:
        """
        Why a generator failed is told in its last words.
        """
        with create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        core = min(os.sched_getaffinity(0))
        error = self.assertRaises(LoadFailed, generate, "resumed", core, port, 0.1, "1")
        self.assertIn("ConnectionRefusedError", str(error))

    def test_not_resumed(self) -> None:
        """
        Handshakes are those of resumed sessions, or none at all.
        """
        context = server_context()
        context.num_tickets = 0
        with serving(OK, tls=context) as port:
            client = client_context()
            session = connect(client, port, None)
            self.assertRaises(NotResumed, connect, client, port, session)


class CheckOpenTests(SynchronousTestCase):
    def test_open(self) -> None:
        """
        Connections on which nothing came are open.
        """
        with serving() as port, create_connection(("127.0.0.1", port)) as connection:
            check_open([connection])

    def test_closed(self) -> None:
        """
        One that the server has closed is told.
        """
        with (
            create_server(("127.0.0.1", 0)) as listening,
            create_connection(listening.getsockname()) as one,
            create_connection(listening.getsockname()) as other,
        ):
            listening.accept()[0].close()
            accepted, _ = listening.accept()
            with accepted:
                error = self.assertRaises(LoadFailed, check_open, [one, other])
        self.assertEqual(str(error), "1 of 2 connections were closed")
