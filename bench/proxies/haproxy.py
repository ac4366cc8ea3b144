"""
HAProxy.
"""

from typing_extensions import override

from bench.peer import Place
from bench.proxies.installed import InstalledProgram


class HAProxy(InstalledProgram):
    """
    HAProxy with one thread.
    """

    name = program = "haproxy"
    version_argument = "-v"
    unable = {"routes": "not set up for these rows", "cache": "not set up for these rows"}
    template = """\
global
    nbthread 1
    maxconn 16384
    no strict-limits
    tune.ssl.cachesize 0
defaults
    mode http
    option forwardfor
    option splice-auto
    timeout connect 5s
    timeout client 75s
    timeout server 75s
frontend web
    bind 127.0.0.1:@plain@
    bind 127.0.0.1:@tls@ ssl crt @both@ @tickets@ alpn http/1.1
    maxconn 16384
    http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Forwarded-Port %[dst_port]
    default_backend origin
backend origin
@servers@
"""

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        servers = [f"    server s{index} {server}" for index, server in enumerate(place.servers)]
        configuration = place.write(
            "haproxy.cfg",
            self.template,
            tickets="" if place.setup.resumption else "no-tls-tickets",
            servers="\n".join(servers),
        )
        return [self.path(), "-db", "-f", str(configuration)]
