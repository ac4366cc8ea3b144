"""
Tests of L{bench.proxies.stock_twisted}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.peer import Place
from bench.proxies.stock_twisted import StockTwisted
from tests.bench.test_peer import CERTIFICATE


class StockTwistedTests(SynchronousTestCase):
    def test_python(self) -> None:
        """
        The application is a Python file that compiles.
        """
        directory = Path(self.mktemp()).resolve()
        directory.mkdir()
        argv = StockTwisted().configure(Place(directory, 1001, 1002, 1003, CERTIFICATE))
        compile(Path(argv[-1]).read_text(), argv[-1], "exec")
