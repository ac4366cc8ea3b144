"""
The benchmark against servers that are really there.
"""

from __future__ import annotations

import contextlib
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

from bench.answer import WrongAnswer, check_answer, check_kept
from bench.certificate import CertificateFiles, write_certificate
from bench.peers import OURS
from bench.request import Request
from bench.results import Results, from_json
from bench.table import significant
from tests.live.installed import installed
from tests.live.threaded import in_thread

ROOT = Path(__file__).resolve().parent.parent.parent
PLAIN, SECURE = Request("/1k"), Request("/1k", tls=True)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n" + bytes(1024)


@contextlib.contextmanager
def answering(answer: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """
    A server that gives two connections the same answer, whatever they say.
    """

    def serve(listening: socket) -> None:
        for _ in range(2):
            with contextlib.suppress(OSError):
                plain, _ = listening.accept()
                with context.wrap_socket(plain, server_side=True) if context else plain as connection:
                    connection.recv(65536)
                    connection.sendall(answer)

    with in_thread(serve) as port:
        yield port


class CheckAnswerTests(SynchronousTestCase):
    def setUp(self) -> None:
        directory = Path(self.mktemp())
        directory.mkdir()
        self.files: CertificateFiles = write_certificate(directory)

    def wrong(self, answer: bytes) -> str:
        with answering(answer) as port:
            return str(self.assertRaises(WrongAnswer, check_answer, PLAIN, port, self.files.certificate))

    def secure_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.files.certificate, self.files.key)
        return context

    def test_right(self) -> None:
        """
        The origin's answer is accepted.
        """
        with answering(OK) as port:
            check_answer(PLAIN, port, self.files.certificate)

    def test_status(self) -> None:
        """
        An error page is not what is to be measured.
        """
        self.assertEqual(self.wrong(OK.replace(b"200 OK", b"502 No")), "status 502")

    def test_length(self) -> None:
        """
        Nor is another body than the origin's.
        """
        self.assertEqual(
            self.wrong(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
            "a body of 2 bytes where 1024 were due",
        )

    def test_cut_short(self) -> None:
        """
        Nor a body that ends too early.
        """
        self.assertIn("IncompleteRead", self.wrong(OK[:-1]))

    def test_full_handshakes(self) -> None:
        """
        A TLS server that resumes nothing is accepted.
        """
        context = self.secure_context()
        context.num_tickets = 0
        with answering(OK, context) as port:
            check_answer(SECURE, port, self.files.certificate, resumption=False)

    def test_resumed(self) -> None:
        """
        One that resumes sessions would be measured for less than a handshake.
        """
        with answering(OK, self.secure_context()) as port:
            error = self.assertRaises(WrongAnswer, check_answer, SECURE, port, self.files.certificate, False)
        self.assertEqual(str(error), "a TLS session was resumed")

    def test_either(self) -> None:
        """
        Where connections are kept, it does not matter.
        """
        with answering(OK, self.secure_context()) as port:
            check_answer(SECURE, port, self.files.certificate)

    def test_to_be_resumed(self) -> None:
        """
        Where resumption is measured, sessions must be resumed.
        """
        with answering(OK, self.secure_context()) as port:
            check_answer(SECURE, port, self.files.certificate, resumption=True)
        context = self.secure_context()
        context.num_tickets = 0
        with answering(OK, context) as port:
            error = self.assertRaises(WrongAnswer, check_answer, SECURE, port, self.files.certificate, True)
        self.assertEqual(str(error), "a TLS session was not resumed")


class CheckKeptTests(SynchronousTestCase):
    def check(self, marks: Sequence[bytes], kept: bool) -> None:
        """
        Let a server answer with these marks.
        """
        mark, end = b"\r\nX-Answer: ", b"\r\n\r\n"

        def serve(listening: socket) -> None:
            connection, _ = listening.accept()
            with connection:
                for each in marks:
                    connection.recv(65536)
                    connection.sendall(OK.replace(end, mark + each + end))

        with in_thread(serve) as port:
            check_kept(PLAIN, port, kept)

    def test_kept(self) -> None:
        """
        Who answers twice with the same mark has kept the answer.
        """
        self.check((b"one", b"one"), kept=True)
        error = self.assertRaises(WrongAnswer, self.check, (b"one", b"one"), kept=False)
        self.assertEqual(str(error), "an answer was kept")

    def test_not_kept(self) -> None:
        """
        Who does not has not.
        """
        self.check((b"one", b"two"), kept=False)
        error = self.assertRaises(WrongAnswer, self.check, (b"one", b"two"), kept=True)
        self.assertEqual(str(error), "an answer was not kept")

    def test_no_mark(self) -> None:
        """
        An answer without a mark is not the origin's.
        """
        with answering(OK) as port:
            self.assertRaises(WrongAnswer, check_kept, PLAIN, port, kept=True)


class BenchmarkTests(SynchronousTestCase):
    def setUp(self) -> None:
        installed("nginx")
        installed("wrk")
        self.directory = self.enterContext(TemporaryDirectory())

    def benchmark(self, *options: str) -> tuple[Results, str]:
        """
        What C{python -m bench} comes to, and what it prints.
        """
        written = Path(self.directory, "results.json")
        done = subprocess.run(
            [sys.executable, "-m", "bench", "--quick", f"--json={written}", *options],
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": self.directory},
            timeout=120,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return from_json(json.loads(written.read_text())), done.stdout

    def test_kinds_of_load(self) -> None:
        """
        Each kind of load measures what it is told to, and leaves neither a file nor a process behind.
        """
        rows = ("handshake", "resumed", "websocket", "idle", "latency", "hit-1k", "uncached", "miss", "entry")
        keys = ("cpu", "cpu", "cpu", "memory", "p99", "cpu", "cpu", "cpu", "memory")
        results, printed = self.benchmark("--peers=nginx", f"--rows={','.join(rows)}")
        values = [results.median(row, "nginx", key) or 0.0 for row, key in zip(rows, keys, strict=True)]
        self.assertGreater(min(values), 0.0)
        self.assertEqual([significant(value) in printed for value in values], [True] * len(rows))
        self.assertEqual(os.listdir(self.directory), ["results.json"])
        self.assertEqual(processes_naming(self.directory), [])

    def test_every_proxy(self) -> None:
        """
        Each proxy that is installed starts and answers, and from its cache if it has one.
        """
        results, _ = self.benchmark("--rows=start,hit-1k,hit-1m-disk")
        self.assertLessEqual({"nginx", "stock-twisted", *OURS}, results.versions.keys())
        started = {name for name in results.versions if results.median("start", name, "wall")}
        self.assertEqual(started, results.versions.keys() - {"varnish"})
        caching = {"nginx", "varnish", *OURS} & results.versions.keys()
        for row in ("hit-1k", "hit-1m-disk"):
            self.assertEqual({name for name in results.versions if results.median(row, name, "cpu")}, caching)


def processes_naming(directory: str) -> list[str]:
    """
    The ids of those processes on whose command line a directory stands.
    """
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if os.fsencode(directory) in path.read_bytes():
                found.append(path.parent.name)
    return found
