"""
Twisted's own tests of TLS, held against L{revproxy.edge.tls.protocol}.

They are run from a copy of their text in which names of Twisted's implementation are
replaced by those of ours.  Those that do not apply are left out one by one, with a reason.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from twisted.internet.interfaces import IProtocolFactory
from twisted.internet.task import Clock
from twisted.protocols._tls_legacy import _convertToAppropriateFactory

from revproxy.edge.tls.factory import TLSFactory
from revproxy.edge.tls.protocol import TLSProtocol
from revproxy.edge.turn import TurnWriter
from tests.sources import ON_SOURCES

REPLACED = {
    "_producerPaused": "paused",
    "transport.producer._producer": "transport.producer.producer",
    "_tlsShutdownFinished": "_end",
    "_shutdownTLS": "_notify",
    "_tlsConnection": "_engine",
    "def send(self, *args)": "def encrypt(self, *args)",
    "rotocol.transport.q.": "rotocol.transport.transport.q.",
}
"""
What the tests know of the inside of Twisted's implementation, and what it is in ours.
"""

NOT_APPLICABLE = {
    ("DeterministicTLSMemoryBIOTests", "test_smallWriteBuffering"): (
        "what is written is sent at once: our protocols write once for all that they have"
    ),
    ("TLSMemoryBIOTests", "test_wrappedProtocolInterfaces"): (
        "the class says what it provides, as finding it out takes longer than all else at the start of a"
        " connection; that is what transports of streams provide, and there are no others below"
    ),
}

ON_SOURCES_ALONE = {
    ("TLSMemoryBIOTests", "test_errorWriting"): "it replaces what encrypts",
    ("TLSMemoryBIOTests", "test_loseConnectionAfterConnectionLost"): "it replaces a method",
    ("TLSMemoryBIOTests", "test_loseConnectionTwice"): "it replaces a method",
    ("TLSProducerTests", "test_nonStreamingProducerAfterConnectionLost"): "its protocol returns something",
    ("TLSProducerTests", "test_streamingProducerAfterConnectionLost"): "its protocol returns something",
}


class Factory(TLSFactory):
    """
    Ours, made with what Twisted's is made with.
    """

    def __init__(
        self,
        contextFactory: Any,
        isClient: bool,
        wrappedFactory: IProtocolFactory,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or Clock()
        creator = _convertToAppropriateFactory(isClient, contextFactory)
        super().__init__(creator, isClient, wrappedFactory, self._clock, TurnWriter(self._clock))  # type: ignore[arg-type]


def copy_of(name: str) -> ModuleType:
    """
    @return: a module of Twisted's tests, for our implementation.
    """
    spec = find_spec(name)
    assert spec is not None and spec.origin is not None
    source = Path(spec.origin).read_text()
    for theirs, ours in REPLACED.items():
        assert theirs in source, theirs
        source = source.replace(theirs, ours)
    module = ModuleType(name)
    module.__file__ = spec.origin
    exec(compile(source, spec.origin, "exec"), vars(module))
    vars(module).update(TLSMemoryBIOFactory=Factory, TLSMemoryBIOProtocol=TLSProtocol)
    for case, test in [*NOT_APPLICABLE, *([] if ON_SOURCES else ON_SOURCES_ALONE)]:
        delattr(getattr(module, case), test)
    return module


_cases = copy_of("twisted.protocols.test.test_tls")
DeterministicTLSMemoryBIOTests: type = _cases.DeterministicTLSMemoryBIOTests
TLSMemoryBIOFactoryTests: type = _cases.TLSMemoryBIOFactoryTests
TLSMemoryBIOTests: type = _cases.TLSMemoryBIOTests
TLSProducerTests: type = _cases.TLSProducerTests
