"""
Servers that programs check.
"""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from tests.live.checked_origin import CheckedOrigin
from tests.live.programs import alive, eventually, get, new_directory
from tests.live.test_health_checks import QUICK, CheckedCase

SCRIPT = """\
#!/bin/sh
cd "$(dirname "$0")"
echo "$REVPROXY_SERVER $REVPROXY_HOST $REVPROXY_PORT $*" > called
read state < state
echo "it is $state"
case $state in
    well) exit 0 ;;
    stuck) sleep 600 & echo $! > child; echo $$ > own; wait ;;
    *) exit 3 ;;
esac
"""


class ExecChecksTests(CheckedCase):
    """
    A program that reads from a file how the origin is.
    """

    reactor: str | None = None

    @override
    def setUp(self) -> None:
        self.directory = new_directory(self)
        self.set_state("well")
        program = self.directory / "check"
        program.write_text(SCRIPT)
        program.chmod(0o755)
        self.one = CheckedOrigin(self)
        check = {**QUICK, "type": "exec", "command": [str(program), "--quick"], "initial": "down"}
        self.start(self.one, health_check=check, reactor=self.reactor)

    def set_state(self, state: str) -> None:
        new = self.directory / "new"
        new.write_text(f"{state}\n")
        new.replace(self.directory / "state")

    def children(self) -> list[str]:
        """
        The processes that the proxy has started and not seen the end of, dead or alive.
        """
        tasks = Path(f"/proc/{self.proxy.pid}/task")
        return [child for task in tasks.iterdir() for child in (task / "children").read_text().split()]

    def test_well_and_sick(self) -> None:
        """
        The exit status decides, and the first line that was printed is the reason.
        """
        self.assertEqual(self.becomes(self.one, "up"), "2 checks in a row, the last: it is well")
        self.assertEqual(get(self.proxy.port()), (200, b"one"))
        port = self.one.url.rpartition(":")[2]
        called = (self.directory / "called").read_text()
        self.assertIn(called, ("", f"{self.one.url} 127.0.0.1 {port} --quick\n"))
        self.set_state("sick")
        reason = self.becomes(self.one, "up", "down")
        self.assertEqual(reason, "3 checks in a row, the last: exit status 3: it is sick")
        self.assertEqual(get(self.proxy.port()).status, 503)
        self.set_state("well")
        self.becomes(self.one, "up", "down", "up")

    def test_stuck(self) -> None:
        """
        A program that does not come to an end is killed with all that it has started, and
        nothing is left of it.
        """
        self.becomes(self.one, "up")
        descriptors = self.proxy.descriptors()
        self.set_state("stuck")
        reason = self.becomes(self.one, "up", "down")
        self.assertEqual(reason, "3 checks in a row, the last: no result within 2 s")
        child = int((self.directory / "child").read_text())
        self.set_state("well")
        self.becomes(self.one, "up", "down", "up")
        eventually(lambda: not alive(child) or None, "what it has started to be gone")
        eventually(lambda: not self.children() or None, "no zombies")
        eventually(lambda: self.proxy.descriptors() <= descriptors or None, "no descriptors")

    def test_stopped(self) -> None:
        """
        So is one that runs when the proxy ends.
        """
        self.becomes(self.one, "up")
        self.set_state("stuck")
        child = eventually(self.started, "the program to be stuck")
        self.assertEqual(self.proxy.program.stop(), 0)
        eventually(lambda: not alive(child) or None, "what it has started to be gone")

    def started(self) -> int | None:
        path = self.directory / "own"
        return int((self.directory / "child").read_text()) if path.exists() and path.read_text() else None


class ExecChecksOnEpollTests(ExecChecksTests):
    """
    The same on Twisted's own reactor.
    """

    reactor = "epoll"
