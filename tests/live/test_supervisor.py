"""
The supervisor's configuration files, run by supervisor itself.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.live.origin import start_origin
from tests.live.programs import (
    BIN,
    ROOT,
    Answer,
    Program,
    eventually,
    free_port,
    get,
    get_soon,
    new_directory,
)

CONFIGURATION = """\
listeners:
  web: {{endpoint: "{endpoint}"}}
upstreams:
  app: {{servers: ["{origin}"]}}
routes:
  - {{upstream: app}}
"""

HELLO = Answer(200, b"origin: /")


class Supervised:
    """
    Supervisor with one of our files, in a directory of its own.
    """

    def __init__(self, test: SynchronousTestCase, name: str, endpoint: str, socket: str = "") -> None:
        directory = new_directory(test)
        configuration = directory / "revproxy.yaml"
        configuration.write_text(CONFIGURATION.format(endpoint=endpoint, origin=start_origin(test)))
        variables = {
            "REVPROXY_BIN": str(BIN),
            "REVPROXY_CONFIG": str(configuration),
            "REVPROXY_RUN": str(directory),
            "REVPROXY_SOCKET": socket,
        }
        command: list[str | Path] = [BIN / "supervisord", "--configuration", ROOT / "etc" / name]
        self.program = Program(test, command, directory, variables)
        self._log = directory / "supervisord.log"

    def pids(self) -> list[int]:
        """
        The processes that it has started so far, oldest first.
        """
        log = self._log.read_text() if self._log.exists() else ""
        lines = [line for line in log.splitlines() if "INFO spawned:" in line]
        return [int(line.rpartition(" ")[2]) for line in lines]

    def running(self, count: int) -> list[int] | None:
        """
        The processes started so far, once there are as many.
        """
        pids = self.pids()
        return pids if len(pids) >= count else None


def parent_of(pid: int) -> int:
    """
    The process that started this one.
    """
    status = Path(f"/proc/{pid}/stat").read_text()
    return int(status.rpartition(")")[2].split()[1])


class SupervisorTests(SynchronousTestCase):
    """
    C{etc/supervisord.conf} and C{etc/supervisord-workers.conf}.
    """

    def test_comes_back(self) -> None:
        """
        A proxy that was killed is started again and answers.
        """
        port = free_port()
        supervised = Supervised(self, "supervisord.conf", f"tcp:{port}:interface=127.0.0.1")
        self.assertEqual(get_soon(port, supervised.program), HELLO)
        (first,) = supervised.pids()
        self.assertEqual(parent_of(first), supervised.program.process.pid)
        os.kill(first, signal.SIGKILL)
        _, second = eventually(lambda: supervised.running(2), "a second start")
        self.assertEqual(get_soon(port, supervised.program), HELLO)
        self.assertEqual(parent_of(second), supervised.program.process.pid)

    def test_ends_when_asked(self) -> None:
        """
        The supervisor's end is the proxy's.
        """
        port = free_port()
        supervised = Supervised(self, "supervisord.conf", f"tcp:{port}:interface=127.0.0.1")
        get_soon(port, supervised.program)
        self.assertEqual(supervised.program.stop(), 0)
        self.assertRaises(ConnectionRefusedError, get, port)

    def test_workers_share_a_socket(self) -> None:
        """
        While a worker is down its connections are taken by the other: none is
        refused, and none hangs.
        """
        port = free_port()
        address = f"tcp://127.0.0.1:{port}"
        supervised = Supervised(self, "supervisord-workers.conf", "systemd:domain=INET:name=web", address)
        self.assertEqual(get_soon(port, supervised.program), HELLO)
        first, _ = eventually(lambda: supervised.running(2), "two workers")
        os.kill(first, signal.SIGKILL)
        answers = []

        def until_it_is_back() -> list[int] | None:
            answers.append(get(port))
            return supervised.running(3)

        eventually(until_it_is_back, "a third start")
        self.assertEqual(set(answers), {HELLO})
