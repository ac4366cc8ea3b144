"""
Tests for L{revproxy.edge.tls.membrane}.
"""

from __future__ import annotations

from twisted.internet.interfaces import IPushProducer
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.edge.tls.membrane import Membrane
from tests.edge.tls.stranger import Listener


class MembraneTests(SynchronousTestCase):
    """
    Tests for L{Membrane}.
    """

    def test_once(self) -> None:
        """
        Whoever asks, the producer pauses and goes on in turn.
        """
        producer = Listener()
        membrane = Membrane(producer)
        self.assertTrue(verifyObject(IPushProducer, membrane))
        for ask in (
            membrane.resumeProducing,
            membrane.pauseProducing,
            membrane.pauseProducing,
            membrane.resumeProducing,
            membrane.resumeProducing,
            membrane.pauseProducing,
            membrane.stopProducing,
        ):
            ask()
        self.assertEqual(producer.events, ["pause", "resume", "pause", "stop"])
