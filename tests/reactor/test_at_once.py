"""
Tests for L{revproxy.reactor.at_once}.
"""

from __future__ import annotations

from asyncio import Future, new_event_loop

from twisted.trial.unittest import SynchronousTestCase

from revproxy.reactor.at_once import result_at_once, run_in_background


class AtOnceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.loop = new_event_loop()
        self.addCleanup(self.loop.close)
        self.future: Future[None] = self.loop.create_future()
        self.done: list[str] = []

    async def waits(self) -> None:
        self.done.append("before")
        await self.future
        self.done.append("after")

    async def does_not_wait(self) -> int:
        self.done.append("all")
        return 3

    def test_result(self) -> None:
        """
        The result of a coroutine that does not wait is there at once.
        """
        self.assertEqual(result_at_once(self.does_not_wait()), 3)

    def test_none_yet(self) -> None:
        """
        One that waits has none.
        """
        waiting = self.waits()
        self.addCleanup(waiting.close)
        self.assertRaises(RuntimeError, result_at_once, waiting)

    def test_in_background(self) -> None:
        """
        All before what a coroutine waits for is done now, the rest after that.
        """
        run_in_background(self.waits())
        self.assertEqual(self.done, ["before"])
        self.future.set_result(None)
        self.loop.run_until_complete(self.future)
        self.assertEqual(self.done, ["before", "after"])

    def test_nothing_to_wait_for(self) -> None:
        """
        One that does not wait is done at once.
        """
        run_in_background(self.does_not_wait())
        self.assertEqual(self.done, ["all"])
