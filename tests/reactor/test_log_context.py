"""
Tests for L{revproxy.reactor.log_context}.
"""

from __future__ import annotations

from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.context import get
from twisted.python.log import ILogContext
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.reactor.log_context import is_plain, with_prefix


class Named(Protocol):
    """
    Remembers the prefix that it would have logged with.
    """

    seen: str | None = None

    @override
    def logPrefix(self) -> str:
        return "a name"

    @override
    def dataReceived(self, data: bytes) -> None:
        self.seen = get(ILogContext)["system"]


class WithPrefixTests(SynchronousTestCase):
    def test_of_its_own(self) -> None:
        """
        A protocol that has a prefix of its own receives within it.
        """
        protocol = Named()
        receive = with_prefix(protocol, protocol.dataReceived)
        assert receive is not None
        receive(b"data")
        self.assertEqual(protocol.seen, "a name")

    def test_wrapped(self) -> None:
        """
        So does one that is wrapped.
        """
        protocol = Named()
        wrapper = ProtocolWrapper(WrappingFactory(Factory()), protocol)
        receive = with_prefix(wrapper, wrapper.dataReceived)
        assert receive is not None
        receive(b"data")
        self.assertIn("a name", str(protocol.seen))

    def test_none(self) -> None:
        """
        One that has none is called as it is, which takes no time.
        """
        self.assertIsNone(with_prefix(Protocol(), Protocol().dataReceived))


class Fixed:
    """
    Of fixed layout, as what is compiled.
    """

    __slots__ = ()

    def dataReceived(self, data: bytes) -> None:
        """
        Nothing is done with it.
        """


class FixedAndNamed(Fixed):
    __slots__ = ()

    def logPrefix(self) -> str:
        return "a name"


class PlainTests(SynchronousTestCase):
    def test_fixed(self) -> None:
        """
        A protocol that cannot change can be called as it is, unless it has a prefix.
        """
        self.assertEqual([is_plain(Fixed), is_plain(FixedAndNamed)], [True, False])

    def test_may_change(self) -> None:
        """
        Others cannot, as another method may come to stand in the place of their own, or in
        that of what they wrap.
        """
        self.assertEqual([is_plain(Protocol), is_plain(ProtocolWrapper)], [False, False])
