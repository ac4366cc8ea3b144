"""
The memory that a process takes for responses, against what the store says.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parent.parent.parent

FILL = """
import gc, os, sys
from revproxy.components.stores.memory.store import MemoryStore
from tests.wire.caching.test_kept import numbered_head

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

body, size = map(int, sys.argv[1:])
store = MemoryStore(1 << 30, 1 << 20)
gc.collect()
before, said = resident(), store.figures().octets
number = 0
while store.figures().octets < size:
    number += 1
    store.keep(b"https://example.com/%d" % number, numbered_head(number, 8, 0, 1), bytes(body + number % 64))
gc.collect()
print(store.figures().octets - said, resident() - before)
"""
"""
A program that fills a store, and says what that says and what the system says.
"""


class ResidentMemoryTests(SynchronousTestCase):
    def assertCounted(self, body: int, size: int) -> None:
        command = [sys.executable, "-c", FILL, str(body), str(size)]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        said, taken = map(int, run.stdout.split())
        self.assertLess(abs(said / taken - 1), 0.12, (said, taken))

    def test_small(self) -> None:
        """
        With small bodies the process grows by what the store says, within 12 %.
        """
        self.assertCounted(body=50, size=64 << 20)

    def test_large(self) -> None:
        """
        So it does with large ones.
        """
        self.assertCounted(body=30_000, size=128 << 20)
