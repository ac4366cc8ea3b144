"""
Octets that go past the protocols, in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from twisted.internet.task import Clock
from typing_extensions import override

from revproxy.flow.splice.ends import Inlet, Outlet
from revproxy.flow.splice.pump import Pump
from revproxy.flow.splice.splicer import Splicer
from revproxy.flow.splice.watch import Watch
from revproxy.flow.transport import IStreamTransport
from revproxy.interfaces import IOutlet


class StandInPump(Pump):
    """
    Moves what the test says.

    @ivar left: how many octets are to come.
    @ivar running: whether it has started and was not stopped.
    @ivar held: octets that have come and did not go out.
    """

    def __init__(self, inlet: Inlet, outlet: IOutlet, octets: int) -> None:
        self.left = octets
        self.running = False
        self.held = b""
        self._inlet, self._outlet = inlet, outlet

    @override
    def start(self) -> None:
        self.running = True
        self._inlet.pause()

    @override
    def stop(self) -> None:
        self.running = False

    @override
    def surrender(self) -> None:
        if self.held:
            self._put(self.held)
        self.stop()

    def move(self, data: bytes) -> None:
        """
        Octets come and go out.
        """
        assert self.running
        self.left -= len(data)
        self._put(data)
        self._inlet.moved(len(data))
        if not self.left:
            self.end()

    def hold(self, data: bytes) -> None:
        """
        Octets come, but the sink takes no more.
        """
        self.held = data
        self._inlet.moved(len(data))
        self._outlet.full()

    def resume(self) -> None:
        """
        The sink takes what is held.
        """
        held, self.held = self.held, b""
        self._put(held)
        self._outlet.has_room()

    def end(self) -> None:
        """
        All was moved, or nothing more comes.
        """
        self.stop()
        self._inlet.released()

    def _put(self, data: bytes) -> None:
        self._outlet.write(data)
        self._outlet.moved(len(data))


class StandInSplicer(Splicer):
    """
    Takes every connection for a plain socket.

    @ivar able: whether there is a pipe to be had.
    @ivar unread: whether sockets have octets that nobody has read.
    @ivar pumps: all that were made, in order.
    @ivar slowed: how many times less was to be read at a time.
    """

    def __init__(self) -> None:
        self.able = True
        self.unread = False
        self.pumps: list[StandInPump] = []
        self.slowed = 0

    @property
    def pump(self) -> StandInPump:
        """
        The last one.
        """
        return self.pumps[-1]

    @override
    def outlet(
        self,
        transport: IStreamTransport,
        full: Callable[[], None],
        has_room: Callable[[], None],
        moved: Callable[[int], None],
    ) -> Outlet:
        return Outlet(Clock(), cast(Watch, None), transport, lambda: False, full, has_room, moved)

    @override
    def read_little(self, transport: IStreamTransport) -> None:
        self.slowed += 1

    @override
    def has_unread(self, transport: IStreamTransport) -> bool:
        return self.unread

    @override
    def move(
        self,
        transport: IStreamTransport,
        outlet: IOutlet,
        octets: int,
        moved: Callable[[int], None],
        released: Callable[[], None],
    ) -> StandInPump | None:
        if not self.able:
            return None
        pump = StandInPump(Inlet(transport, moved, released), outlet, octets)
        self.pumps.append(pump)
        return pump
