"""
revproxy itself.
"""

from collections.abc import Mapping

from typing_extensions import override

from bench.peer import Peer, Place
from bench.proxies.twistd import CHECKOUT, twistd
from revproxy.compiled import WHY_SOURCES


class Revproxy(Peer):
    """
    What all this is about.
    """

    template = """\
listeners:
  plain:
    endpoint: tcp:@plain@:interface=127.0.0.1
  secure:
    endpoint: tcp:@tls@:interface=127.0.0.1
    tls:
      certificates: [{certificate: @certificate@, key: @key@}]
      sessions: @sessions@
upstreams:
  origin:
    servers:
@servers@
    connections: {requests: 100000000}
routes:
@routes@
forwarded: {x_forwarded: true, forwarded: false, via: null}
limits: {requests: 100000000, connections: 16384}
access_log: null
@caches@
"""

    def __init__(self, name: str, reactor: str | None) -> None:
        """
        @param reactor: the name of the reactor to run on, or L{None} for revproxy's own choice.
        """
        self.name = name
        self._reactor = reactor

    @override
    def version(self) -> str | None:
        """
        Implement L{Peer.version}.
        """
        return "of this checkout, " + ("compiled" if WHY_SOURCES is None else f"not compiled: {WHY_SOURCES}")

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        use = "" if place.setup.cache is None else ", cache: pages"
        configuration = place.write(
            "revproxy.yaml",
            self.template,
            sessions="tickets" if place.setup.resumption else "none",
            servers="\n".join(f"      - http://{server}" for server in place.servers),
            routes="\n".join(f"  - {{path: {path}, upstream: origin{use}}}" for path in place.setup.paths),
            caches=self._caches(place),
        )
        return [*twistd(self._reactor), "revproxy", "--config", str(configuration)]

    def _caches(self, place: Place) -> str:
        cache = place.setup.cache
        if cache is None:
            return ""
        where = f", path: {place.directory}/cache" if cache.store == "disk" else ""
        return f"caches: {{pages: {{type: {cache.store}, size: {cache.mebibytes}MiB{where}}}}}"

    @override
    def environment(self, place: Place) -> Mapping[str, str]:
        """
        Implement L{Peer.environment}.
        """
        return {"PYTHONPATH": str(CHECKOUT), "XDG_STATE_HOME": str(place.directory)}
