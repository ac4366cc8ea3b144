"""
Whether a server may be given exchanges, and why not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

UP: Final = "up"
DRAIN: Final = "drain"
DOWN: Final = "down"


class Standing:
    """
    What is known against a server: by its operator, by its health checks, and by how
    it did of late.

    @ivar state: what the operator says: L{UP}, L{DRAIN} or L{DOWN}.  To a server that
        drains nothing new goes; with one that is down its health is not looked at either.
    @ivar healthy: what its health checks say.
    @ivar ejected: whether it is left alone for a while, because much went wrong with it.
    @ivar on_trial: whether it was, and has to show with one exchange that it is well.
    @ivar _reasons: why it is not healthy, or ejected.
    """

    __slots__ = ("_changed", "_reasons", "ejected", "healthy", "on_trial", "state")

    def __init__(self, changed: Callable[[], None], state: str = UP, healthy: bool = True) -> None:
        """
        @param changed: called when the server may be given exchanges and might not before,
            the other way about, or when fewer or more at once.
        """
        self.state = state
        self.healthy = healthy
        self.ejected = False
        self.on_trial = False
        self._changed = changed
        self._reasons: dict[str, str] = {}

    @property
    def wanted(self) -> bool:
        """
        Whether exchanges may go to the server, unless it is ejected.
        """
        return self.healthy and self.state == UP

    @property
    def checked(self) -> bool:
        """
        Whether its health checks have decided anything of the server.
        """
        return "health" in self._reasons

    @property
    def reason(self) -> str:
        """
        Why exchanges do not go to the server, in a few words; empty where they do.
        """
        if self.state != UP:
            return "drains" if self.state == DRAIN else "set down"
        if not self.healthy:
            return self._reasons.get("health", "not checked yet")
        return self._reasons.get("outlier", "ejected") if self.ejected else ""

    def administer(self, state: str) -> None:
        """
        Take the operator's word.
        """
        if state != self.state:
            self.state = state
            self._changed()

    def judge(self, healthy: bool, reason: str) -> None:
        """
        Take the word of the health checks.
        """
        self._reasons["health"] = reason
        if healthy != self.healthy:
            self.healthy = healthy
            self._changed()

    def inherit(self, before: Standing) -> None:
        """
        Believe what the health checks said of the server before there was a new configuration.
        """
        if before.checked:
            self._reasons["health"] = before._reasons["health"]
        if before.healthy != self.healthy:
            self.healthy = before.healthy
            self._changed()

    def inherit_ejection(self, before: Standing) -> None:
        """
        Be ejected, or on trial, as the server was before there was a new configuration.
        """
        if before.ejected or before.on_trial:
            self._reasons["outlier"] = before._reasons["outlier"]
            self.ejected, self.on_trial = before.ejected, before.on_trial
            self._changed()

    def eject(self, reason: str) -> None:
        """
        Leave the server alone until L{try_again}.
        """
        self._reasons["outlier"] = reason
        self.ejected, self.on_trial = True, False
        self._changed()

    def try_again(self) -> None:
        """
        Let one exchange at a time go to a server that was ejected.
        """
        self.ejected, self.on_trial = False, True
        self._changed()

    def readmit(self) -> None:
        """
        Let exchanges go to the server as ever.
        """
        if self.ejected or self.on_trial:
            self.ejected = self.on_trial = False
            self._changed()
