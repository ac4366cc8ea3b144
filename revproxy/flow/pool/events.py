"""
What happens to the servers of an upstream, for its operator.
"""

from __future__ import annotations

from collections import Counter

from twisted.logger import Logger

_log = Logger("revproxy.upstream")


class Events:
    """
    Counts what happens; of a change of a state there is one line in the log, too, with
    its reason.

    @ivar counts: how often each event happened, by its name.
    """

    __slots__ = ("_upstream", "counts")

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self.counts: Counter[str] = Counter()

    def count(self, event: str) -> None:
        """
        Something happened that is no change of a state.
        """
        self.counts[event] += 1

    def better(self, event: str, subject: str, reason: str) -> None:
        """
        Something changed for the better.

        @param subject: a server's name, or what else is meant.
        """
        self.counts[event] += 1
        _log.info(
            "upstream {upstream}: {subject}: {event}: {reason}",
            upstream=self._upstream,
            subject=subject,
            event=event,
            reason=reason,
        )

    def worse(self, event: str, subject: str, reason: str) -> None:
        """
        Something changed for the worse.
        """
        self.counts[event] += 1
        _log.warn(
            "upstream {upstream}: {subject}: {event}: {reason}",
            upstream=self._upstream,
            subject=subject,
            event=event,
            reason=reason,
        )
