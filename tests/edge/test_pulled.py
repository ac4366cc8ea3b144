"""
Tests of L{revproxy.edge.pulled}.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IPullProducer, IPushProducer
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from revproxy.edge.pulled import PulledProducer


@implementer(IPullProducer)
class Counting:
    """
    Counts how often it was asked.
    """

    def __init__(self, on_ask: Callable[[], None] = lambda: None) -> None:
        self.asked = 0
        self.stopped = False
        self.on_ask = on_ask

    def resumeProducing(self) -> None:
        self.asked += 1
        self.on_ask()

    def stopProducing(self) -> None:
        self.stopped = True


class PulledProducerTests(SynchronousTestCase):
    """
    When a pull producer is asked for more.
    """

    def setUp(self) -> None:
        self.producer = Counting()
        self.pulled = PulledProducer(self.producer)

    def write_at_once(self, most: int) -> None:
        """
        Let the producer write out of C{resumeProducing}, so many times.
        """

        def write() -> None:
            if self.producer.asked == most:
                self.pulled.end()
            self.pulled.wrote()

        self.producer.on_ask = write

    def test_interface(self) -> None:
        """
        It is an L{IPushProducer}.
        """
        verifyObject(IPushProducer, self.pulled)

    def test_asked_until_it_ends(self) -> None:
        """
        A producer that writes when it is asked is asked again, however often that
        is, until it has no more.
        """
        self.write_at_once(5000)
        self.pulled.resumeProducing()
        self.assertEqual(self.producer.asked, 5000)

    def test_asked_once_for_each_part(self) -> None:
        """
        A producer that has not written what it was asked for is not asked again.
        """
        self.pulled.resumeProducing()
        self.pulled.resumeProducing()
        self.assertEqual(self.producer.asked, 1)
        self.pulled.wrote()
        self.assertEqual(self.producer.asked, 2)

    def test_pause(self) -> None:
        """
        While it is paused the producer is not asked; then it is again.
        """
        self.pulled.resumeProducing()
        self.pulled.pauseProducing()
        self.pulled.wrote()
        self.assertEqual(self.producer.asked, 1)
        self.pulled.resumeProducing()
        self.assertEqual(self.producer.asked, 2)

    def test_end(self) -> None:
        """
        A producer that has ended is not asked any more, and not stopped.
        """
        self.pulled.end()
        self.pulled.resumeProducing()
        self.assertEqual((self.producer.asked, self.producer.stopped), (0, False))

    def test_stop(self) -> None:
        """
        A producer that is stopped hears of it, and is not asked any more.
        """
        self.pulled.stopProducing()
        self.pulled.resumeProducing()
        self.assertEqual((self.producer.asked, self.producer.stopped), (0, True))

    def test_error(self) -> None:
        """
        A producer that raises is not stuck: it may be asked again.
        """

        def fail() -> None:
            self.producer.on_ask = lambda: None
            raise RuntimeError("a bug")

        self.producer.on_ask = fail
        self.assertRaises(RuntimeError, self.pulled.resumeProducing)
        self.pulled.wrote()
        self.assertEqual(self.producer.asked, 2)
