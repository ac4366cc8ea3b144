"""
The proxy as its own process, with a configuration of the test's.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Mapping
from fcntl import ioctl
from functools import partial
from pathlib import Path
from struct import unpack
from termios import FIONREAD
from typing import Any, TypeAlias

from twisted.trial.unittest import SynchronousTestCase

from tests.live.programs import BIN, Program, eventually, free_port, listening, new_directory

Document: TypeAlias = dict[str, Any]
"""
A configuration as the file has it.
"""

_TCP = re.compile(r"tcp:(\d+)")
_VERDICT = re.compile(r"the new configuration is in force|the configuration stays as it was")


def local(port: int) -> str:
    """
    The endpoint of a port that only this machine reaches.
    """
    return f"tcp:{port}:interface=127.0.0.1"


def relaying(*servers: str, **upstream: Any) -> Document:
    """
    A configuration that relays everything from one plain listener, C{web}.

    @param upstream: further options of the upstream.
    """
    return {
        "listeners": {"web": {"endpoint": local(free_port())}},
        "upstreams": {"app": {"servers": list(servers), **upstream}},
        "routes": [{"upstream": "app"}],
    }


def relaying_over_tls(tls: Document, *servers: str) -> Document:
    """
    The same with one listener more, C{secure}.
    """
    document = relaying(*servers)
    document["listeners"]["secure"] = {"endpoint": local(free_port()), "tls": tls}
    return document


class Proxy:
    """
    C{twistd revproxy} with a file.

    @ivar directory: where the file is, and what is relative to it.
    @ivar pid: of the process.
    """

    def __init__(
        self,
        test: SynchronousTestCase,
        document: Document,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        reactor: str | None = None,
    ) -> None:
        """
        Start it, and wait until it listens.

        @param reactor: its name; C{None} for the one that the proxy chooses.
        """
        self.directory = directory or new_directory(test)
        self.document = document
        self.write(document)
        chosen = [] if reactor is None else [f"--reactor={reactor}"]
        options = [*chosen, "--nodaemon", "--pidfile=", "revproxy", "--config", "revproxy.yaml"]
        self.program = Program(test, [BIN / "twistd", *options], self.directory, environment)
        self.pid = self.program.process.pid
        for name in document["listeners"]:
            port = self.port(name)
            eventually(partial(listening, port, self.program), f"listener {name}")
        for name in document["listeners"]:
            self._await_service(name)

    def write(self, document: Document | str) -> None:
        """
        Replace the file.  A mapping is written as JSON, which is YAML.
        """
        text = document if isinstance(document, str) else json.dumps(document, indent=1)
        self.directory.joinpath("revproxy.yaml").write_text(text)

    def port(self, listener: str = "web") -> int:
        """
        The port of a listener.
        """
        found = _TCP.match(self.document["listeners"][listener]["endpoint"])
        assert found is not None
        return int(found[1])

    def connect(self, listener: str = "web") -> socket.socket:
        """
        A new connection; the test closes it.
        """
        return socket.create_connection(("127.0.0.1", self.port(listener)), timeout=30)

    def reload(self) -> None:
        """
        Have it read the file again, and wait until it has done so.
        """
        before = self._verdicts()
        os.kill(self.pid, signal.SIGHUP)
        eventually(lambda: self._verdicts() > before or None, "the file to be read again")

    def descriptors(self) -> int:
        """
        How many files, sockets and so on the process has open.
        """
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def held_in_pipes(self) -> int:
        """
        How many octets are in the process's pipes.
        """
        directory = Path(f"/proc/{self.pid}/fd")
        links = {os.readlink(each): each for each in directory.iterdir()}
        return sum(unread(each) for link, each in links.items() if link.startswith("pipe:"))

    def peak_memory(self) -> int:
        """
        The most memory that was ever resident, in octets.
        """
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.M)
        assert found is not None
        return int(found[1]) * 1024

    def _verdicts(self) -> int:
        return len(_VERDICT.findall(self.program.output()))

    def _await_service(self, listener: str) -> None:
        """
        A port takes connections before anybody looks at them: wait until one that
        says nothing is closed.
        """
        with self.connect(listener) as silent:
            silent.shutdown(socket.SHUT_WR)
            silent.recv(1)


def unread(pipe: Path) -> int:
    """
    How many octets are in a pipe.

    @param pipe: one of its ends, in C{/proc}.
    """
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        found: int = unpack("i", ioctl(descriptor, FIONREAD, bytes(4)))[0]
    finally:
        os.close(descriptor)
    return found
