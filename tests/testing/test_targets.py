from __future__ import annotations

from twisted.internet.error import ConnectionDone, ConnectionLost, ConnectionRefusedError, NoProtocol
from twisted.internet.interfaces import IHandshakeListener, ISSLTransport
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import implementer
from zope.interface.verify import verifyObject

from revproxy.interfaces import IProbeTarget
from revproxy.testing import StandInTarget


@implementer(IHandshakeListener)
class Noting(Protocol):
    """
    Keeps what it hears.
    """

    def __init__(self) -> None:
        self.heard: list[object] = []

    @override
    def dataReceived(self, data: bytes) -> None:
        self.heard.append(data)

    def handshakeCompleted(self) -> None:
        self.heard.append("shaken")

    @override
    def connectionLost(self, reason: Failure | None = None) -> None:
        assert reason is not None
        self.heard.append(reason.type)


class Nobody(Factory):
    @override
    def buildProtocol(self, addr: object) -> None:
        return None


class StandInTargetTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.target = StandInTarget()

    def test_interface(self) -> None:
        """
        It is a server as a health check sees it.
        """
        self.assertTrue(verifyObject(IProbeTarget, self.target))

    def test_accepted(self) -> None:
        """
        A connection comes about when the test says so, and carries what both sides say.
        """
        connecting = self.target.connect(Factory.forProtocol(Noting), 9001)
        self.assertNoResult(connecting)
        self.assertEqual((self.target.ports, self.target.busy), ([9001], True))
        connection = self.target.accept()
        protocol = self.successResultOf(connecting)
        assert isinstance(protocol, Noting) and protocol.transport is not None
        protocol.transport.write(b"question")
        connection.say(b"answer")
        self.assertEqual((connection.heard, protocol.heard), (b"question", [b"answer"]))

    def test_ends(self) -> None:
        """
        Either side may end it; what closes hears of that a turn later.
        """
        for end in ("close", "reset", "lose"):
            connecting = self.target.connect(Factory.forProtocol(Noting))
            connection = self.target.accept()
            protocol = self.successResultOf(connecting)
            assert isinstance(protocol, Noting) and protocol.transport is not None
            if end == "lose":
                protocol.transport.loseConnection()
                connection.say(b"too late")
                self.assertEqual((connection.open, protocol.heard), (False, []))
                self.target.turn()
            else:
                getattr(connection, end)()
            self.target.turn()
            self.assertEqual(protocol.heard, [ConnectionLost if end == "reset" else ConnectionDone])
            self.assertFalse(self.target.busy)

    def test_refused(self) -> None:
        """
        Or it does not come about.
        """
        connecting = self.target.connect(Factory.forProtocol(Noting))
        self.target.refuse()
        self.failureResultOf(connecting, ConnectionRefusedError)
        self.assertFalse(self.target.busy)

    def test_given_up(self) -> None:
        """
        An attempt that is cancelled is none any more.
        """
        connecting = self.target.connect(Factory.forProtocol(Noting))
        connecting.cancel()
        self.failureResultOf(connecting)
        self.assertFalse(self.target.busy)

    def test_no_protocol(self) -> None:
        """
        A connection that nobody wants is closed.
        """
        connecting = self.target.connect(Nobody())
        self.assertFalse(self.target.accept().open)
        self.failureResultOf(connecting, NoProtocol)

    def test_secure(self) -> None:
        """
        One with TLS can be told from one without, and tells of its handshake.
        """
        connecting = self.target.connect(Factory.forProtocol(Noting))
        connection = self.target.accept(secure=True)
        connection.shake_hands()
        protocol = self.successResultOf(connecting)
        assert isinstance(protocol, Noting)
        self.assertTrue(ISSLTransport.providedBy(protocol.transport))
        self.assertEqual(protocol.heard, ["shaken"])
