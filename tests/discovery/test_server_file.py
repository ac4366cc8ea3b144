"""
Tests of L{revproxy.discovery.server_file}.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from typing_extensions import override

from revproxy.catalog import built_ins
from revproxy.config.server_file import read_servers
from revproxy.config.servers import ServerFileSettings, ServerSettings
from revproxy.discovery.discovery import Discovery
from revproxy.discovery.server_file import ServerFile
from revproxy.errors import ConfigurationError
from revproxy.wire.forbidden import ForbiddenNetworks
from tests.discovery.discovering import DiscoveryCase


class ServerFileCase(DiscoveryCase):
    """
    @ivar reads: how often the file was read.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.path = Path(self.mktemp()).absolute()
        self.reads = 0
        self._writes = 0

    def write(self, text: str) -> None:
        """
        Write the file; each time it is another than before.
        """
        self._writes += 1
        self.path.write_text(text)
        os.utime(self.path, ns=(0, self._writes))

    def read(self, path: Path) -> list[ServerSettings]:
        self.reads += 1
        return read_servers(path, built_ins(), ForbiddenNetworks())

    def file(self, interval: str | int = "5s") -> ServerFile:
        written: dict[str, Any] = {"file": str(self.path), "reload_interval": interval}
        settings = ServerFileSettings.model_validate(written)
        return ServerFile(settings, self.read, self.source, self.clock, self.upstream.events)

    def watching(self, text: str, *written: Any) -> Discovery:
        self.write(text)
        return self.started(*written, sources=[self.file()])

    def look(self) -> list[str]:
        """
        Wait for a look at the file, and give what is logged of it.
        """
        return self.logged(self.clock.advance, 5.0)


class ReadTests(ServerFileCase):
    def test_from_the_start(self) -> None:
        """
        The servers of the file are there before anything starts, after those of the
        entries before it.
        """
        self.write("[http://10.0.0.1, http://10.0.0.2]")
        self.discovery("http://10.0.0.9", sources=[self.file()])
        self.assertEqual(self.names(), ["http://10.0.0.9", "http://10.0.0.1", "http://10.0.0.2"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_wrong_from_the_start(self) -> None:
        """
        A file that is wrong then is an error.
        """
        self.write("[5]")
        self.assertRaises(ConfigurationError, self.file)

    def test_changed(self) -> None:
        """
        A file that changes is taken over; servers that stay are the same objects.
        """
        self.watching("[http://10.0.0.1, http://10.0.0.2]")
        before = self.members.servers
        self.write("[http://10.0.0.2, http://10.0.0.3]")
        self.assertEqual(
            self.look(),
            [
                f"{self.path}: file-read: it has 2 entries now",
                f"http://10.0.0.3: joined: {self.path.name} has changed",
                f"http://10.0.0.1: left: {self.path.name} has changed",
            ],
        )
        self.assertEqual(self.names(), ["http://10.0.0.2", "http://10.0.0.3"])
        self.assertIs(self.members.servers[0], before[1])

    def test_unchanged(self) -> None:
        """
        A file that does not change is not read.
        """
        self.watching("[http://10.0.0.1]")
        self.look(), self.look()
        self.assertEqual(self.reads, 1)

    def test_emptied(self) -> None:
        """
        A list with nothing in it takes all servers away.
        """
        self.watching("[http://10.0.0.1]")
        self.write("[]")
        self.look()
        self.assertEqual(self.names(), [])

    def test_replaced(self) -> None:
        """
        A file that is replaced by another, or a link that is turned, is a change, though
        it is as old and as large.
        """
        self.watching("[http://10.0.0.1]")
        other = self.path.with_suffix(".new")
        other.write_text("[http://10.0.0.2]")
        os.utime(other, ns=(0, self._writes))
        other.replace(self.path)
        self.look()
        self.assertEqual(self.names(), ["http://10.0.0.2"])

    def test_when_told(self) -> None:
        """
        With no interval it is looked at only when that is asked for.
        """
        self.write("[http://10.0.0.1]")
        discovery = self.started(sources=[self.file(0)])
        self.write("[http://10.0.0.2]")
        self.assertEqual(self.clock.getDelayedCalls(), [])
        discovery.look()
        self.assertEqual(self.names(), ["http://10.0.0.2"])

    def test_stopped(self) -> None:
        """
        Pitfall 44: after the end nothing is scheduled, and no look-up is pending.
        """
        discovery = self.watching("[http://10.0.0.1, http://a.test]")
        discovery.stopService()
        self.assertEqual((self.resolver.asked, self.clock.getDelayedCalls()), ([], []))


class WrongTests(ServerFileCase):
    def test_wrong(self) -> None:
        """
        A file that is wrong changes nothing; all errors are told, once.
        """
        self.watching("[http://10.0.0.1]")
        self.write("[http://10.0.0.2, {url: 5, weight: 0}]")
        (told,) = self.look()
        self.assertTrue(told.startswith(f"{self.path}: file-refused: its servers stay as they were: "), told)
        self.assertIn(f"{self.path}:1:20: 1.url: must be a URL", told)
        self.assertIn(f"{self.path}:1:28: 1.weight: must be at least 1", told)
        self.assertEqual((self.look(), self.look()), ([], []))
        self.assertEqual(self.names(), ["http://10.0.0.1"])

    def test_wrong_otherwise(self) -> None:
        """
        A change that does not make it right is told again.
        """
        self.watching("[http://10.0.0.1]")
        for text in ("[5]", "[5]", "["):
            self.write(text)
            self.assertEqual(len(self.look()), 1)

    def test_missing(self) -> None:
        """
        A file that is not there any more changes nothing, and that is told once.
        """
        self.watching("[http://10.0.0.1]")
        self.path.unlink()
        (told,) = self.look()
        self.assertIn("cannot be read: No such file or directory", told)
        self.assertEqual(self.look(), [])
        self.assertEqual(self.names(), ["http://10.0.0.1"])

    def test_right_again(self) -> None:
        """
        The next one that is right is taken over.
        """
        self.watching("[http://10.0.0.1]")
        self.path.unlink()
        self.look()
        self.write("[http://10.0.0.2]")
        self.look()
        self.assertEqual(self.names(), ["http://10.0.0.2"])

    def test_unforeseen(self) -> None:
        """
        An error that nobody foresaw ends nothing.
        """
        self.watching("[http://10.0.0.1]")
        self.write("[http://10.0.0.2]")
        make, self.make = self.make, lambda *arguments: 1 / 0  # type: ignore[method-assign, assignment]
        self.look()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.names(), ["http://10.0.0.1"])
        self.make = make  # type: ignore[method-assign]
        self.write("[http://10.0.0.3]")
        self.look()
        self.assertEqual(self.names(), ["http://10.0.0.3"])


class EntriesTests(ServerFileCase):
    """
    What becomes of the entries of a file that changes.
    """

    def test_names(self) -> None:
        """
        Names in a file are looked up as others are, from when they come until they go.
        """
        self.watching("[http://a.test]")
        self.resolver.answer("a.test", "10.0.0.1")
        self.write("[http://a.test, http://b.test]")
        self.look()
        self.assertEqual(self.resolver.asked, ["b.test"])
        self.resolver.answer("b.test", "10.0.0.2")
        self.assertEqual(self.names(), ["http://a.test at 10.0.0.1:80", "http://b.test at 10.0.0.2:80"])
        self.write("[http://b.test]")
        self.look()
        self.again()
        self.assertEqual(self.resolver.asked, ["b.test"])

    def test_weight_and_state(self) -> None:
        """
        Another weight or state is given to the servers that there are.
        """
        self.watching("[http://10.0.0.1, http://10.0.0.2]")
        before = self.members.servers
        self.write("[{url: http://10.0.0.1, weight: 5}, {url: http://10.0.0.2, state: drain}]")
        self.assertEqual(
            self.look(),
            [
                "http://10.0.0.1: weighed: weight 5 from now on",
                "http://10.0.0.2: state-drain: its entry says so",
                f"{self.path}: file-read: it has 2 entries now",
            ],
        )
        self.assertIs(self.members.servers, before)
        self.assertEqual((before[0].weight, before[1].standing.state), (5, "drain"))

    def test_other_options(self) -> None:
        """
        With other options there is another server, which is as well as the one before.
        """
        self.watching("[http://10.0.0.1]")
        (before,) = self.members.servers
        before.standing.judge(False, "down: refused")
        self.write("[{url: http://10.0.0.1, backup: true}]")
        self.look()
        (after,) = self.members.servers
        self.assertIsNot(after, before)
        self.assertEqual((after.standing.healthy, after.standing.reason), (False, "down: refused"))

    def test_other_options_of_a_name(self) -> None:
        """
        The servers of a name are known from the beginning then.
        """
        self.watching("[http://a.test]")
        self.resolver.answer("a.test", "10.0.0.1")
        self.write("[{url: http://a.test, backup: true}]")
        self.look()
        self.assertEqual(self.names(), ["http://a.test at 10.0.0.1:80"])
        self.assertEqual(self.members.servers[0].tier, (True, 0))

    def test_inherited(self) -> None:
        """
        Another configuration begins with what was known of names in files, too.
        """
        before = self.watching("[http://a.test]")
        self.resolver.answer("a.test", "10.0.0.1")
        after = self.discovery(sources=[self.file()])
        after.inherit(before)
        self.assertEqual(self.names(), ["http://a.test at 10.0.0.1:80"])
