from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.positions import Fault, Position


class PositionTests(SynchronousTestCase):
    def test_order(self) -> None:
        """
        Places are in the order in which a file is read: lines first, as numbers.
        """
        places = [Position(10, 2), Position(10, 1), Position(2, 30)]
        self.assertEqual(sorted(places), places[::-1])


class FaultTests(SynchronousTestCase):
    def test_twice(self) -> None:
        """
        What is found twice is one fault; at another place it is another.
        """
        faults = [Fault(Position(line, 1), ("routes", 0), "is missing") for line in (3, 3, 4)]
        self.assertEqual(set(faults), {faults[0], faults[2]})
        self.assertEqual(len(set(faults)), 2)

    def test_order(self) -> None:
        """
        Faults are told from the top of the file on, whatever they are about.
        """
        first, second = Fault(Position(1, 5), ("z",), "z"), Fault(Position(2, 1), ("a",), "a")
        self.assertEqual(min(second, first), first)
