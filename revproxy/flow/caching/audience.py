"""
All who wait for one response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from revproxy.flow.caching.shared_body import SharedBody

if TYPE_CHECKING:
    from revproxy.flow.caching.listener import Listener


class Audience:
    """
    Those who read a body, each as fast as its client.

    @ivar body: what has come of it.
    """

    __slots__ = ("_listeners", "body")

    def __init__(self, body: SharedBody) -> None:
        self.body = body
        self._listeners: list[Listener] = []

    def __len__(self) -> int:
        """
        How many there are.
        """
        return len(self._listeners)

    def present(self) -> list[Listener]:
        """
        @return: who is here now, whoever comes or leaves later.
        """
        return list(self._listeners)

    def is_full(self) -> bool:
        """
        Whether there is nobody who takes more at the moment, though there are some.
        """
        for listener in self._listeners:
            if not listener.paused:
                return False
        return bool(self._listeners)

    def slowest(self) -> Listener:
        """
        @return: who has got least, of some.
        """
        slowest = self._listeners[0]
        for listener in self._listeners:
            if listener.position < slowest.position:
                slowest = listener
        return slowest

    def add(self, listener: Listener) -> None:
        """
        Somebody waits for the response.
        """
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """
        Somebody does not any more.
        """
        if listener in self._listeners:
            self._listeners.remove(listener)

    def dismiss(self) -> list[Listener]:
        """
        @return: who was here; nobody is any more.
        """
        listeners, self._listeners = self._listeners, []
        return listeners

    def hear(self, data: bytes) -> None:
        """
        More of the body has come.
        """
        self.body.add(data)
        for listener in self.present():
            listener.go_on()
        self.tidy()

    def tidy(self) -> None:
        """
        Let go of what all have.
        """
        if not self.body.joinable:
            self.body.drop_before(self.slowest().position if self._listeners else None)
