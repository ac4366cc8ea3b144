"""
All who wait for one response.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from revproxy.flow.caching.shared_body import SharedBody

if TYPE_CHECKING:
    from revproxy.flow.caching.listener import Listener

MOST_BEHIND: Final = 1 << 20
"""
Who is further behind the others, in octets that are held for that reason alone, is cut off.
"""


class Audience:
    """
    Those who read a body, each as fast as its client.

    @ivar body: what has come of it.
    """

    __slots__ = ("_listeners", "body")

    def __init__(self, body: SharedBody) -> None:
        self.body = body
        self._listeners: dict[Listener, None] = {}

    def __len__(self) -> int:
        """
        How many there are.
        """
        return len(self._listeners)

    def __iter__(self) -> Iterator[Listener]:
        """
        @return: goes through those who are here now, whoever comes or leaves meanwhile.
        """
        return iter(list(self._listeners))

    @property
    def is_full(self) -> bool:
        """
        Whether there is nobody who takes more at the moment, though there are some.
        """
        return bool(self._listeners) and all(listener.paused for listener in self._listeners)

    def add(self, listener: Listener) -> None:
        """
        Somebody waits for the response.
        """
        self._listeners[listener] = None

    def leave(self, listener: Listener) -> None:
        """
        Somebody does not any more.
        """
        self._listeners.pop(listener, None)

    def dismiss(self) -> list[Listener]:
        """
        @return: who was here; nobody is any more.
        """
        listeners = list(self._listeners)
        self._listeners.clear()
        return listeners

    def hear(self, data: bytes) -> None:
        """
        More of the body has come.
        """
        self.body.add(data)
        for listener in self:
            listener.go_on()
        self.tidy()

    def tidy(self) -> None:
        """
        Let go of what all have; whoever is far behind the others is cut off.
        """
        if self.body.joinable or not self._listeners:
            return
        slowest = min(self._listeners, key=_position)
        self.body.drop_before(slowest.position)
        if len(self._listeners) > 1 and self.body.octets > MOST_BEHIND:
            self.leave(slowest)
            slowest.cut()


def _position(listener: Listener) -> int:
    return listener.position
