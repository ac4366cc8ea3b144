"""
How the proxies of a row are set up.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cache:
    """
    What keeps responses.

    @ivar store: C{memory} or C{disk}, for those that have a choice.
    @ivar mebibytes: how large it may become.
    """

    store: str = "memory"
    mebibytes: int = 256


@dataclass(frozen=True)
class Setup:
    """
    What a row asks of a proxy's configuration.

    @ivar resumption: whether TLS sessions can be resumed, with tickets.
    @ivar full_handshakes: whether it must be certain that they cannot.
    @ivar upgrades: whether connections may become WebSockets.
    @ivar routes: how many routes there are, C{/route-0/} and so on; with none, a single one takes all paths.
    @ivar servers: how many servers the proxy can choose from.
    @ivar cache: where responses are kept; L{None} for nowhere.
    """

    resumption: bool = False
    full_handshakes: bool = False
    upgrades: bool = False
    routes: int = 0
    servers: int = 1
    cache: Cache | None = None

    @property
    def paths(self) -> list[str]:
        """
        The beginnings of the paths that are routed.
        """
        return [f"/route-{index}/" for index in range(self.routes)] or ["/"]

    def needs(self) -> frozenset[str]:
        """
        Name what not every proxy can be set up for.
        """
        asked = {
            "resumption": self.resumption,
            "full handshakes": self.full_handshakes,
            "upgrades": self.upgrades,
            "routes": self.routes > 0,
            "servers": self.servers > 1,
            "cache": self.cache is not None,
        }
        return frozenset(need for need, is_asked in asked.items() if is_asked)
