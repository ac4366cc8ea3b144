"""
The systemd units: what they say fits together, and a socket passed as systemd
passes one is served.
"""

from __future__ import annotations

import shlex
import socket
from configparser import ConfigParser
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.origin import start_origin
from tests.live.programs import BIN, ROOT, Answer, Program, get_soon, new_directory

ETC = ROOT / "etc"

AS_SYSTEMD = 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES="$0" exec "$@" 3<&0 0</dev/null'
"""
Makes standard input the first passed socket, with the shell's first argument as its
name, and becomes the program that the others name.
"""


def unit(name: str) -> ConfigParser:
    """
    A unit file of ours.
    """
    parser = ConfigParser(interpolation=None, comment_prefixes=("#",), delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    with (ETC / name).open() as file:
        parser.read_file(file)
    return parser


def listening_socket(test: SynchronousTestCase) -> socket.socket:
    """
    A socket as systemd opens one: it blocks.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    test.addCleanup(listening.close)
    return listening


class SystemdTests(SynchronousTestCase):
    """
    C{etc/revproxy.service} and C{etc/revproxy.socket}.
    """

    @override
    def setUp(self) -> None:
        self.service = unit("revproxy.service")["Service"]
        self.name = unit("revproxy.socket")["Socket"]["FileDescriptorName"]
        self.directory = new_directory(self)
        self.configuration = self.directory / "revproxy.yaml"
        text = (ETC / "revproxy-systemd.yaml").read_text()
        self.configuration.write_text(text.replace("http://127.0.0.1:8001", start_origin(self)))

    def command(self) -> list[str]:
        """
        The unit's command with the paths of the test.
        """
        paths = {
            "/opt/revproxy/bin/twistd": str(BIN / "twistd"),
            "/etc/revproxy/revproxy.yaml": str(self.configuration),
        }
        words = shlex.split(self.service["ExecStart"])
        self.assertLessEqual(paths.keys(), set(words))
        return [paths.get(word, word) for word in words]

    def start(self, listening: socket.socket) -> Program:
        """
        Start the service with a passed socket.
        """
        command = ["/bin/sh", "-c", AS_SYSTEMD, self.name, *self.command()]
        return Program(self, command, new_directory(self), stdin=listening.fileno())

    def test_passed_socket(self) -> None:
        """
        The socket that systemd passes is served: more than one connection is
        accepted, though it came as a blocking one.
        """
        listening = listening_socket(self)
        running = self.start(listening)
        port = listening.getsockname()[1]
        answers = [get_soon(port, running) for _ in range(3)]
        self.assertEqual(answers, [Answer(200, b"origin: /")] * 3)

    def test_restart_refuses_nobody(self) -> None:
        """
        Who connects while the service is down waits for the next one.
        """
        listening = listening_socket(self)
        port = listening.getsockname()[1]
        first = self.start(listening)
        get_soon(port, first)
        self.assertEqual(first.stop(), 0)
        with socket.create_connection(("127.0.0.1", port)) as waiting:
            waiting.sendall(b"GET /waited HTTP/1.0\r\nHost: localhost\r\n\r\n")
            waiting.settimeout(30)
            self.start(listening)
            answer = b"".join(iter(lambda: waiting.recv(4096), b""))
        self.assertTrue(answer.endswith(b"origin: /waited"), answer)

    def test_file_names_the_socket(self) -> None:
        """
        The endpoint in the sample file asks for the socket by the unit's name.
        """
        self.assertIn(f"systemd:domain=INET:name={self.name}", self.configuration.read_text())

    def test_stop_waits_for_the_drain(self) -> None:
        """
        systemd waits longer than the default drain takes.
        """
        self.assertGreater(int(self.service["TimeoutStopSec"]), 30)

    def test_sources_of_the_instructions(self) -> None:
        """
        Every file of C{etc/} that the unit's instructions name is there.
        """
        words = (ETC / "revproxy.service").read_text().split()
        named = [Path(word) for word in words if word.startswith("etc/")]
        self.assertEqual([name for name in named if not (ROOT / name).is_file()], [])
        self.assertGreaterEqual(len(named), 3)
