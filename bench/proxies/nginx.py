"""
nginx.
"""

from typing_extensions import override

from bench.peer import Place
from bench.proxies.installed import InstalledProgram


class Nginx(InstalledProgram):
    """
    nginx with C{proxy_pass} and kept-alive upstream connections.  A request's body streams.

    A cache is in files, whichever store is asked for, and they are sent as Debian's C{nginx.conf} has it.
    """

    name = program = "nginx"
    version_argument = "-v"
    template = """\
user root;
daemon off;
worker_processes 1;
pid @directory@/nginx.pid;
error_log @directory@/error.log;
events { worker_connections 16384; }
http {
    access_log off;
@store@
    keepalive_requests 100000000;
    client_max_body_size 0;
    client_body_temp_path @directory@/body;
    proxy_temp_path @directory@/proxy;
    fastcgi_temp_path @directory@/fastcgi;
    uwsgi_temp_path @directory@/uwsgi;
    scgi_temp_path @directory@/scgi;
    upstream origin {
@servers@
        keepalive @idle@;
        keepalive_requests 100000000;
    }
    server {
        listen 127.0.0.1:@plain@ backlog=4096;
        listen 127.0.0.1:@tls@ ssl backlog=4096;
        ssl_certificate @certificate@;
        ssl_certificate_key @key@;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache @cache@;
        ssl_session_tickets @tickets@;
        proxy_http_version 1.1;
        proxy_request_buffering off;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header X-Forwarded-Port $server_port;
@connection@
@kept@
@locations@
    }
}
"""
    kept_connection = '        proxy_set_header Connection "";'
    store = """\
    sendfile on;
    tcp_nopush on;
    proxy_cache_path {directory}/cache keys_zone=pages:64m max_size={cache.mebibytes}m levels=1:2 inactive=1d
        use_temp_path=off;"""
    use = "        proxy_cache pages;"
    upgraded_connection = """\
        proxy_set_header Connection upgrade;
        proxy_set_header Upgrade $http_upgrade;"""

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        setup, cache = place.setup, place.setup.cache
        configuration = place.write(
            "nginx.conf",
            self.template,
            servers="\n".join(f"        server {server};" for server in place.servers),
            idle=str(max(64, 2 * setup.servers)),
            cache="none" if setup.resumption else "off",
            tickets="on" if setup.resumption else "off",
            connection=self.upgraded_connection if setup.upgrades else self.kept_connection,
            store="" if cache is None else self.store.format(directory=place.directory, cache=cache),
            kept="" if cache is None else self.use,
            locations="\n".join(
                f"        location {path} {{ proxy_pass http://origin; }}" for path in setup.paths
            ),
        )
        log = place.directory / "error.log"
        return [self.path(), "-e", str(log), "-p", str(place.directory), "-c", str(configuration)]
