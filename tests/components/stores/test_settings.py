"""
The stores as the file asks for them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

from twisted.internet.task import Clock
from typing_extensions import override

from revproxy.components.stores.disk.store import DiskStore
from revproxy.components.stores.memory.store import MemoryStore
from revproxy.components.stores.tiered.store import TieredStore
from revproxy.interfaces import ICacheStore
from revproxy.registry import Environment
from revproxy.testing import stand_in_head
from tests.config.files import CACHED, FileTestCase

ROOT = Path(__file__).resolve().parent.parent.parent.parent

WITHOUT_LMDB = """
import sys
sys.modules["lmdb"] = None
from revproxy.cli import main
sys.argv = ["revproxy", "check", sys.argv[1]]
sys.exit(main())
"""
"""
A program that checks a file where lmdb is not installed.
"""


class SettingsTests(FileTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        self.environment = Environment(Clock(), Random(1), self.directory)

    def built(self, written: str) -> object:
        configuration = self.load(CACHED % written)
        return self.registry.build(ICacheStore, configuration.caches["mine"], self.environment)

    def said(self, written: str) -> list[str]:
        problems = self.problems(CACHED % written)
        return [f"{problem.key.removeprefix('caches.')}: {problem.message}" for problem in problems]

    def test_memory(self) -> None:
        """
        Memory needs no option.
        """
        store = self.built("memory")
        assert isinstance(store, MemoryStore)
        self.assertIsNone(store.begin(b"key", stand_in_head(), (8 << 20) + 1))
        self.assertIsNotNone(store.begin(b"key", stand_in_head(), 8 << 20))

    def test_disk(self) -> None:
        """
        A disk needs a path, which is relative to the file; nothing is made there before
        it is started.
        """
        store = self.built("{type: disk, path: cache}")
        assert isinstance(store, DiskStore)
        self.assertFalse(self.directory.joinpath("cache").exists())
        store.startService()
        self.assertTrue(self.directory.joinpath("cache", "index").exists())
        store.stopService()
        self.assertEqual(self.said("disk"), ["mine.path: is missing"])

    def test_tiered(self) -> None:
        """
        Tiers have stores of any kind, and errors in them are told by their own keys.
        """
        store = self.built("{type: tiered, stores: [memory, {type: disk, path: cache}]}")
        self.assertIsInstance(store, TieredStore)
        self.assertEqual(
            self.said("{type: tiered, stores: [memory, {type: disk, pth: cache}]}"),
            [
                "mine.stores.1.path: is missing",
                "mine.stores.1.pth: no key is called 'pth'; there are: max_object, open_files, path, size"
                " (did you mean 'path'?)",
            ],
        )
        self.assertEqual(len(self.said("{type: tiered, stores: [memory]}")), 1)

    def test_sizes(self) -> None:
        """
        Sizes that cannot be are refused.
        """
        self.assertEqual(
            self.said("{type: memory, size: 4MiB, max_object: 5MiB}"), ["mine: max_object is more than size"]
        )
        self.assertEqual(
            self.said("{type: memory, size: 100KiB, max_object: 1KiB}"), ["mine: size must be at least 1MiB"]
        )
        self.assertEqual(
            self.said("{type: disk, path: cache, size: 10MiB, max_object: 1MiB}"),
            ["mine: size must be at least 16MiB"],
        )
        self.assertEqual(
            self.said("{type: disk, path: cache, size: 100MiB}"),
            ["mine: max_object is more than half of size"],
        )

    def test_without_lmdb(self) -> None:
        """
        Where lmdb is not installed, a disk is an error of the file that says what to do;
        everything else works.
        """
        self.path.write_text(CACHED % "{type: disk, path: cache}")
        self.assertIn("mine: 'disk' cannot be made", self.checked())
        self.assertIn("pip install 'revproxy[cache]'", self.checked())
        self.path.write_text(CACHED % "memory")
        self.assertEqual(self.checked(), "")

    def checked(self) -> str:
        command = [sys.executable, "-c", WITHOUT_LMDB, str(self.path)]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return run.stderr
