"""
Which certificates answer which server name.
"""

from __future__ import annotations

from collections.abc import Sequence

from revproxy.edge.tls.certificates import CertificatePair

Group = tuple[CertificatePair, ...]
"""
Pairs for the same name, at most one of each kind of key: which of them is shown
depends on the signatures that the client understands.
"""

_ByKind = dict[str, CertificatePair]


class CertificateStore:
    """
    Chooses certificates by server name: the exact name, then a wildcard for one
    label (RFC 9525, section 6.3), then the first certificate of all.

    Of two certificates of one kind for one name the one that was given first wins.

    @ivar default: the group for clients that name no server, or an unknown one.
    """

    def __init__(self, pairs: Sequence[CertificatePair]) -> None:
        """
        @param pairs: at least one.
        """
        by_name: dict[str, _ByKind] = {}
        for pair in pairs:
            for name in pair.names:
                by_name.setdefault(name, {}).setdefault(pair.kind, pair)
        self._groups = {name: _with_wildcard(name, by_name) for name in by_name}
        first = pairs[0]
        self.default: Group = self._groups[first.names[0]] if first.names else (first,)

    def choose(self, server_name: bytes | None) -> Group:
        """
        Choose the certificates for a name.

        @param server_name: as in the client's SNI, or L{None} where it sent none.
        """
        if server_name is None:
            return self.default
        name = server_name.decode("ascii", "replace").lower()
        return self._groups.get(name) or self._groups.get(_wildcard(name)) or self.default

    def groups(self) -> set[Group]:
        """
        All groups that L{choose} may return.
        """
        return {self.default, *self._groups.values()}


def _wildcard(name: str) -> str:
    return "*." + name.partition(".")[2]


def _with_wildcard(name: str, by_name: dict[str, _ByKind]) -> Group:
    """
    Put those of a wildcard besides the exact ones, so that a client which knows
    only RSA is served although the name's own certificate is ECDSA.
    """
    merged = {**by_name.get(_wildcard(name), {}), **by_name[name]}
    return tuple(merged[kind] for kind in sorted(merged))
