"""
mitmproxy.
"""

import re
from pathlib import Path

from typing_extensions import override

from bench.peer import Place
from bench.proxies.installed import InstalledProgram

FETCHED = Path(__file__).resolve().parent.parent / ".cache" / "mitmproxy" / "bin" / "mitmdump"
"""
Where C{make bench-mitmproxy} puts it.
"""

OLDEST = 9
"""
The first version that listens at several places.
"""


class Mitmproxy(InstalledProgram):
    """
    C{mitmdump} in reverse mode, which streams large bodies and keeps no flows.

    It adds no fields, and opens a connection to the origin for each client's.
    """

    name = "mitmproxy"
    program = str(FETCHED) if FETCHED.exists() else "mitmdump"
    version_argument = "--version"
    most_connections = 1000
    unable = {
        "full handshakes": "lets sessions be resumed in any case",
        "routes": "has no routes",
        "servers": "relays to one server",
        "cache": "has no cache",
    }
    options = (
        "flow_detail=0",
        "keep_host_header=true",
        "http2=false",
        "http3=false",
        "stream_large_bodies=64k",
        "connection_strategy=lazy",
    )

    @override
    def version(self) -> str | None:
        """
        Implement L{Peer.version}.  Older ones, such as Debian's, listen at one place only.
        """
        version = super().version()
        major = re.match("[0-9]+", version or "")
        return version if major is not None and int(major[0]) >= OLDEST else None

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        home = place.directory / "home"
        home.mkdir()
        modes = [
            f"--mode=reverse:http://127.0.0.1:{place.origin}@127.0.0.1:{port}"
            for port in (place.plain, place.tls)
        ]
        options = [f"--set={option}" for option in self.options]
        return [
            self.path(),
            "--quiet",
            *modes,
            *options,
            f"--set=confdir={home}",
            f"--certs={place.certificate.both}",
        ]
