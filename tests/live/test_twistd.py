"""
C{twistd revproxy} as operators run it: in the foreground and as a daemon.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.origin import start_origin
from tests.live.programs import (
    BIN,
    DEADLINE,
    Answer,
    Program,
    eventually,
    free_port,
    get,
    get_soon,
    new_directory,
)
from tests.live.proxy import local, relaying


class DaemonTests(SynchronousTestCase):
    """
    Without C{--nodaemon} C{twistd} forks, and goes on without a terminal.
    """

    @override
    def setUp(self) -> None:
        self.directory = new_directory(self)
        self.pidfile = self.directory / "twistd.pid"
        self.addCleanup(self.stop)

    def start(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """
        Start the daemon, and wait until C{twistd} says that it runs, or does not.
        """
        return subprocess.run(
            [
                BIN / "twistd",
                f"--pidfile={self.pidfile}",
                f"--logfile={self.directory}/twistd.log",
                *arguments,
            ],
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )

    def stop(self) -> None:
        """
        End the daemon, if there is one, and wait until it is gone.
        """
        if self.pidfile.exists():
            os.kill(int(self.pidfile.read_text()), signal.SIGTERM)
            eventually(lambda: not self.pidfile.exists() or None, "the daemon to end")

    def answer(self, port: int) -> Answer:
        def attempt() -> Answer | None:
            try:
                return get(port)
            except ConnectionRefusedError:
                return None

        return eventually(attempt, f"an answer on port {port}")

    def write(self, document: dict[str, object]) -> None:
        self.directory.joinpath("revproxy.yaml").write_text(json.dumps(document))

    def test_embedded(self) -> None:
        """
        The embedded default works in the daemon, although its servers got their ports
        before the fork.
        """
        plain, secure = free_port(), free_port()
        started = self.start(
            "revproxy", "--state-dir", str(self.directory / "state"), "--ports", f"{plain},{secure}"
        )
        self.assertEqual((started.returncode, started.stderr), (0, ""))
        self.assertEqual(self.answer(plain).status, 200)

    def test_paths(self) -> None:
        """
        Paths stay relative to the file although the daemon goes elsewhere: at the start,
        and when the file is read again.
        """
        document = relaying(start_origin(self))
        port = int(str(document["listeners"]["web"]["endpoint"]).split(":")[1])
        self.write({**document, "access_log": {"path": "first.log"}})
        started = self.start("--rundir=/", "revproxy", "--config", "revproxy.yaml")
        self.assertEqual((started.returncode, started.stderr), (0, ""))
        self.assertEqual(self.answer(port).status, 200)
        self.assertTrue(self.directory.joinpath("first.log").exists())
        self.write({**document, "access_log": {"path": "second.log"}})
        os.kill(int(self.pidfile.read_text()), signal.SIGHUP)
        eventually(
            lambda: self.directory.joinpath("second.log").exists() or None, "the file to be read again"
        )

    def test_port_in_use(self) -> None:
        """
        A daemon that cannot listen is told of by who started it, whole, with the exit
        status 1; the log has the same line, and no process and no pid stay behind.
        """
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.write({**relaying("http://127.0.0.1:1"), "listeners": {"web": {"endpoint": local(port)}}})
            started = self.start("revproxy", "--config", "revproxy.yaml")
        self.assertEqual(started.returncode, 1)
        line = f"listeners.web.endpoint: cannot listen on {local(port)}: Address already in use"
        self.assertIn(f"'{line}'\n", started.stderr)
        log = self.directory.joinpath("twistd.log").read_text()
        self.assertIn(f"{line}\n", log)
        self.assertNotIn("Traceback", started.stderr + log)
        self.assertFalse(self.pidfile.exists())

    def test_wrong_file(self) -> None:
        """
        A wrong file is told of before there is a daemon.
        """
        self.write({**relaying("http://127.0.0.1:1"), "limit": {}})
        started = self.start("revproxy", "--config", "revproxy.yaml")
        self.assertEqual(started.returncode, 1)
        self.assertTrue(started.stderr.startswith("revproxy.yaml:1:"), started.stderr)
        self.assertEqual(len(started.stderr.splitlines()), 1)
        self.assertFalse(self.pidfile.exists())


class QuickFormTests(SynchronousTestCase):
    def test_quick_form(self) -> None:
        """
        C{--from} and C{--to} relay to one server after another.
        """
        port = free_port()
        servers = [start_origin(self), start_origin(self)]
        options = ["--from", local(port), "--to", servers[0], "--to", servers[1]]
        program = Program(self, [BIN / "twistd", "-n", "--pidfile=", "revproxy", *options])
        self.assertEqual(get_soon(port, program).status, 200)
        self.assertEqual(get(port).status, 200)
