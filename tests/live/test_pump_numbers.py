"""
Tests of L{revproxy.flow.splice.pump}, where descriptors' numbers go from one connection
to another.
"""

from __future__ import annotations

import os
from functools import partial

from tests.live.pump_case import DATA, PumpCase
from tests.live.watching import HalfOfAPair


class SinkTests(PumpCase):
    """
    The sink closes, and its number is another connection's at once.

    @ivar other: that one, which has something to be read.
    """

    def close(self) -> int:
        """
        @return: the number.
        """
        return self.replace(self.sink)

    def wait(self) -> None:
        """
        Go on until the one that will close is waited for.
        """
        self.fill()

    def replace(self, end: HalfOfAPair) -> int:
        self.other = HalfOfAPair(self, self.tcp)
        self.other.far.sendall(b"of another")
        number = end.fileno()
        end.near.close()
        os.dup2(self.other.fileno(), number)
        self.addCleanup(os.close, number)
        return number

    def assert_left_alone(self) -> None:
        """
        The other gets nothing of what is moved, and nothing of its own is taken.
        """
        self.other.far.setblocking(False)
        self.assertRaises(BlockingIOError, self.other.far.recv, 1)
        self.assertEqual(self.other.near.recv(100), b"of another")

    def test_in_this_turn(self) -> None:
        """
        By the end of the turn, when moving would begin, it is known.
        """
        self.outlet.waiting = True
        self.source.far.sendall(DATA[:1000])
        pump = self.pump(1000)
        pump.start()
        self.close()
        self.outlet.waiting = False
        self.reactor.turn()
        pump.stop()
        self.assert_left_alone()

    def test_waited_for(self) -> None:
        """
        So it is when the other is waited for, too, which goes on after the pump has
        stopped.
        """
        pump = self.pump()
        pump.start()
        self.wait()
        number = self.close()
        calls: list[int] = []
        self.watches.readable.add(number, partial(calls.append, number))
        self.reactor.turn()
        pump.stop()
        self.reactor.turn()
        self.assertEqual(calls, [number, number])
        self.assert_left_alone()


class SourceTests(SinkTests):
    """
    The source closes.
    """

    def close(self) -> int:
        return self.replace(self.source)

    def wait(self) -> None:
        self.reactor.turn()
