"""
Varnish.
"""

from typing_extensions import override

from bench.peer import Place
from bench.proxies.installed import InstalledProgram
from bench.setup import Setup


class Varnish(InstalledProgram):
    """
    Varnish, which takes part in the rows about caches alone.  It speaks no TLS, so both ports are plain.

    It writes no log, not even into the memory that it shares with those who read it.
    """

    name = "varnish"
    program = "varnishd"
    version_argument = "-V"
    unable = {
        "resumption": "speaks no TLS",
        "full handshakes": "speaks no TLS",
        "upgrades": "not set up for these rows",
        "routes": "not set up for these rows",
        "servers": "not set up for these rows",
    }
    template = """\
vcl 4.1;
backend origin { .host = "127.0.0.1"; .port = "@origin@"; }
sub vcl_backend_fetch {
    set bereq.http.X-Forwarded-Proto = "http";
    set bereq.http.X-Forwarded-Host = bereq.http.Host;
    set bereq.http.X-Forwarded-Port = "@plain@";
}
"""
    logged = (
        "Backend,BackendClose,BackendOpen,BackendReuse,BackendStart,Begin,BereqAcct,BereqHeader,BereqMethod,"
        "BereqProtocol,BereqReason,BereqStatus,BereqURL,BereqUnset,BerespHeader,BerespMethod,BerespProtocol,"
        "BerespReason,BerespStatus,BerespURL,BerespUnset,End,"
        "ExpBan,Fetch_Body,Filters,Gzip,Hit,HitMiss,HitPass,Length,Link,ReqAcct,ReqHeader,"
        "ReqMethod,ReqProtocol,ReqReason,ReqStart,ReqStatus,ReqURL,ReqUnset,RespHeader,RespMethod,"
        "RespProtocol,RespReason,RespStatus,RespURL,RespUnset,SessClose,SessOpen,Storage,TTL,Timestamp,"
        "VCL_acl,VCL_call,VCL_Log,VCL_return,VCL_use"
    )

    @override
    def refusal(self, setup: Setup) -> str | None:
        """
        Implement L{Peer.refusal}.
        """
        return super().refusal(setup) if setup.cache is not None else "takes part in rows with a cache alone"

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        configuration = place.write("origin.vcl", self.template)
        addresses = [f"-a127.0.0.1:{port}" for port in (place.plain, place.tls)]
        unlogged = ",".join(f"-{kind}" for kind in self.logged.split(","))
        options = [
            "-F",
            "-jnone",
            f"-n{place.directory}/varnish",
            f"-f{configuration}",
            f"-pvsl_mask={unlogged}",
        ]
        return [self.path(), *options, *addresses, f"-s{self._store(place)}"]

    def _store(self, place: Place) -> str:
        cache = place.setup.cache
        assert cache is not None
        where = f"file,{place.directory}/cache" if cache.store == "disk" else "malloc"
        return f"{where},{cache.mebibytes}m"
