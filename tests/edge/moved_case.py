"""
What the tests of bodies that go past the protocols begin with.
"""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from tests.edge.proxied import ProxiedTestCase
from tests.flow.moving import StandInSplicer

SIZE = 300_000
FIRST = b"f" * 1000
REST = b"r" * (SIZE - len(FIRST))


class MovedCase(ProxiedTestCase):
    """
    @ivar splicer: moves what it is told to.
    """

    @override
    def start(self, **settings: Any) -> None:
        self.splicer = StandInSplicer()
        super().start(splicer=self.splicer, **settings)

    def end(self) -> None:
        """
        The client leaves, and nothing is left.
        """
        self.client.leave()
        self.proxied.advance(0)
        self.assertFalse(any(pump.running for pump in self.splicer.pumps))
        self.assert_nothing_left()
