"""
Tests of L{revproxy.flow.pool.queue}.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import ExchangeError, QueueFull, QueueTimeout
from revproxy.flow.pool.queue import Queue, Waiting


class QueueTests(SynchronousTestCase):
    """
    @ivar room: how many more may go on.
    @ivar unable: who could not go on if they were let.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.queue = Queue(self.clock, most=3, timeout=5.0)
        self.room = 0
        self.unable: set[str] = set()
        self.gone: list[str] = []
        self.refused: list[tuple[str, type[ExchangeError]]] = []

    def tearDown(self) -> None:
        """
        Pitfall 44: a queue in which nobody waits has nothing scheduled.
        """
        for place in list(self.queue._places):
            self.queue.leave(place)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def join(self, name: str) -> Waiting:
        return self.queue.join(self.admit(name), lambda error: self.refused.append((name, type(error))))

    def admit(self, name: str) -> Callable[[], bool]:
        def admit() -> bool:
            if name in self.unable:
                return False
            self.room -= 1
            self.gone.append(name)
            return True

        return admit

    def advance(self, room: int) -> None:
        self.room = room
        self.queue.advance(lambda: self.room > 0)

    def test_first_come(self) -> None:
        """
        Who came first goes first, and no more than there is room for.
        """
        for name in "abc":
            self.join(name)
        self.advance(2)
        self.assertEqual((self.gone, len(self.queue)), (["a", "b"], 1))
        self.advance(1)
        self.assertEqual((self.gone, len(self.queue)), (["a", "b", "c"], 0))

    def test_failure_of_ours(self) -> None:
        """
        Where one fails as it is let go on, those who could not go are still there.
        """
        self.unable = {"a"}
        self.join("a")
        self.queue.join(lambda: bool(1 / 0), lambda error: None)
        self.join("c")
        self.assertRaises(ZeroDivisionError, self.advance, 1)
        self.unable.clear()
        self.advance(2)
        self.assertEqual(self.gone, ["a", "c"])

    def test_full(self) -> None:
        """
        Only so many may wait.
        """
        for name in "abc":
            self.join(name)
        with self.assertRaises(QueueFull) as raised:
            self.join("d")
        self.assertEqual(raised.exception.status, 503)

    def test_late(self) -> None:
        """
        Who has waited for too long is refused with 503; who came later waits on.
        """
        self.join("a")
        self.clock.advance(3.0)
        self.join("b")
        self.clock.advance(2.0)
        self.assertEqual((self.refused, len(self.queue)), ([("a", QueueTimeout)], 1))
        self.clock.advance(3.0)
        self.assertEqual(self.refused, [("a", QueueTimeout), ("b", QueueTimeout)])
        self.assertEqual((QueueTimeout.status, self.clock.getDelayedCalls()), (503, []))

    def test_late_after_others(self) -> None:
        """
        The time of each counts from when it came, whoever went before.
        """
        self.join("a")
        self.clock.advance(3.0)
        self.join("b")
        self.advance(1)
        self.clock.advance(4.9)
        self.assertEqual(self.refused, [])
        self.clock.advance(0.1)
        self.assertEqual(self.refused, [("b", QueueTimeout)])

    def test_left(self) -> None:
        """
        Whose client has left neither goes on nor is refused, and makes room for another.
        """
        first = self.join("a")
        for name in "bc":
            self.join(name)
        self.queue.leave(first)
        self.queue.leave(first)
        self.join("d")
        self.advance(9)
        self.assertEqual((self.gone, self.refused), (["b", "c", "d"], []))

    def test_coming_and_leaving(self) -> None:
        """
        Those who come and leave take no memory until their time would be over.
        """
        for _ in range(1000):
            self.queue.leave(self.join("a"))
        self.assertEqual(len(self.queue._places), 0)

    def test_unable(self) -> None:
        """
        Who cannot go on, as all servers with room were tried, stays in its place.
        """
        for name in "abc":
            self.join(name)
        self.unable = {"a", "b"}
        self.advance(2)
        self.assertEqual((self.gone, len(self.queue)), (["c"], 2))
        self.unable = set()
        self.advance(2)
        self.assertEqual(self.gone, ["c", "a", "b"])

    def test_left_meanwhile(self) -> None:
        """
        Who is passed over and leaves while another goes on does not come back.
        """
        first = self.join("a")

        def leave() -> bool:
            self.queue.leave(first)
            return True

        self.queue.join(leave, lambda error: None)
        self.unable = {"a"}
        self.advance(1)
        self.assertEqual(len(self.queue), 0)
