"""
Tests of L{revproxy.discovery.nameservers}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.resolving import NameServer
from revproxy.discovery.nameservers import system_nameservers

FILE = """\
# nameserver 192.0.2.1
search example.com
nameserver\t192.0.2.2
 nameserver 2001:db8::1
nameserver
nameserver ns.example.com
options ndots:5
"""


class NameServersTests(SynchronousTestCase):
    def found(self, text: str) -> list[str]:
        path = Path(self.mktemp())
        path.write_text(text)
        return [server.address for server in system_nameservers(path)]

    def test_named(self) -> None:
        """
        Those that the file names are asked, in its order.
        """
        self.assertEqual(self.found(FILE), ["192.0.2.2", "2001:db8::1"])

    def test_most(self) -> None:
        """
        Three of them, as the system does.
        """
        lines = [f"nameserver 192.0.2.{number}" for number in range(1, 6)]
        self.assertEqual(self.found("\n".join(lines)), ["192.0.2.1", "192.0.2.2", "192.0.2.3"])

    def test_nobody(self) -> None:
        """
        Where there are none, or there is no file, this machine is asked.
        """
        self.assertEqual(self.found("search example.com\n"), ["127.0.0.1"])
        self.assertEqual(system_nameservers(Path(self.mktemp())), (NameServer("127.0.0.1", 53),))
