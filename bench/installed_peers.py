"""
The proxies that the system's packages bring: how each is configured and called.
"""

import json
import re
import subprocess
from collections.abc import Mapping

from typing_extensions import override

from bench.peer import Peer, Place
from bench.process import find_program

_VERSION = re.compile(r"\d+\.\d+[\w.+-]*")


class InstalledProgram(Peer):
    """
    A proxy that the system's packages bring.

    @ivar program: its command.
    @ivar version_argument: the argument with which it prints its version.
    """

    program: str
    version_argument: str

    @override
    def version(self) -> str | None:
        """
        Implement L{Peer.version}.
        """
        program = find_program(self.program)
        if program is None:
            return None
        printed = subprocess.run(
            [program, self.version_argument], check=False, capture_output=True, text=True, timeout=10
        )
        found = _VERSION.search(printed.stdout + printed.stderr)
        return found[0] if found else "of unknown version"

    def path(self) -> str:
        """
        Look the program up; it must be installed.
        """
        return find_program(self.program) or self.program


class Nginx(InstalledProgram):
    """
    nginx with C{proxy_pass} and kept-alive upstream connections.
    """

    name = program = "nginx"
    version_argument = "-v"
    template = """\
user root;
daemon off;
worker_processes 1;
pid @directory@/nginx.pid;
error_log @directory@/error.log;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path @directory@/body;
    proxy_temp_path @directory@/proxy;
    fastcgi_temp_path @directory@/fastcgi;
    uwsgi_temp_path @directory@/uwsgi;
    scgi_temp_path @directory@/scgi;
    upstream origin {
        server 127.0.0.1:@origin@;
        keepalive 64;
        keepalive_requests 100000000;
    }
    server {
        listen 127.0.0.1:@plain@ backlog=4096;
        listen 127.0.0.1:@tls@ ssl backlog=4096;
        ssl_certificate @certificate@;
        ssl_certificate_key @key@;
        ssl_session_cache off;
        ssl_session_tickets off;
        location / {
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
"""

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        configuration = place.write("nginx.conf", self.template)
        log = place.directory / "error.log"
        return [self.path(), "-e", str(log), "-p", str(place.directory), "-c", str(configuration)]


class HAProxy(InstalledProgram):
    """
    HAProxy with one thread.
    """

    name = program = "haproxy"
    version_argument = "-v"
    template = """\
global
    nbthread 1
    maxconn 4096
    tune.ssl.cachesize 0
defaults
    mode http
    timeout connect 5s
    timeout client 75s
    timeout server 75s
frontend web
    bind 127.0.0.1:@plain@
    bind 127.0.0.1:@tls@ ssl crt @both@ no-tls-tickets alpn http/1.1
    default_backend origin
backend origin
    server origin 127.0.0.1:@origin@
"""

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        return [self.path(), "-db", "-f", str(place.write("haproxy.cfg", self.template))]


class Caddy(InstalledProgram):
    """
    Caddy on one processor (C{GOMAXPROCS}).
    """

    name = program = "caddy"
    version_argument = "version"

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        configuration = place.directory / "caddy.json"
        configuration.write_text(json.dumps(self._settings(place)))
        return [self.path(), "run", "--config", str(configuration)]

    @override
    def environment(self, place: Place) -> Mapping[str, str]:
        """
        Implement L{Peer.environment}.
        """
        directory = str(place.directory)
        return {
            "GOMAXPROCS": "1",
            "HOME": directory,
            "XDG_DATA_HOME": directory,
            "XDG_CONFIG_HOME": directory,
        }

    def _settings(self, place: Place) -> dict[str, object]:
        certificate = {"certificate": str(place.certificate.certificate), "key": str(place.certificate.key)}
        return {
            "admin": {"disabled": True, "config": {"persist": False}},
            "logging": {"logs": {"default": {"level": "ERROR"}}},
            "apps": {
                "http": {
                    "servers": {"plain": self._server(place, place.plain), "tls": self._tls_server(place)}
                },
                "tls": {
                    "certificates": {"load_files": [certificate]},
                    "session_tickets": {"disabled": True},
                },
            },
        }

    def _server(self, place: Place, port: int) -> dict[str, object]:
        relay = {
            "handler": "reverse_proxy",
            "upstreams": [{"dial": f"127.0.0.1:{place.origin}"}],
            "transport": {
                "protocol": "http",
                "keep_alive": {"max_idle_conns_per_host": 64},
                "compression": False,
            },
        }
        return {
            "listen": [f"127.0.0.1:{port}"],
            "protocols": ["h1"],
            "routes": [{"handle": [relay]}],
            "automatic_https": {"disable": True},
        }

    def _tls_server(self, place: Place) -> dict[str, object]:
        return {**self._server(place, place.tls), "tls_connection_policies": [{}]}


class Apache(InstalledProgram):
    """
    Apache httpd with the event MPM and one child process.
    """

    name = "apache"
    program = "apache2"
    version_argument = "-v"
    template = """\
ServerRoot @directory@
ServerName 127.0.0.1
DefaultRuntimeDir @directory@
PidFile @directory@/httpd.pid
ErrorLog @directory@/error.log
User nobody
Group nogroup
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
ServerLimit 1
StartServers 1
ThreadsPerChild 64
MaxRequestWorkers 64
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 75
Listen 127.0.0.1:@plain@
Listen 127.0.0.1:@tls@
SSLSessionCache none
SSLSessionTickets off
ProxyPass / http://127.0.0.1:@origin@/ enablereuse=on max=64
<VirtualHost 127.0.0.1:@plain@>
</VirtualHost>
<VirtualHost 127.0.0.1:@tls@>
    SSLEngine on
    SSLCertificateFile @certificate@
    SSLCertificateKeyFile @key@
</VirtualHost>
"""

    @override
    def configure(self, place: Place) -> list[str]:
        """
        Implement L{Peer.configure}.
        """
        return [self.path(), "-DFOREGROUND", "-f", str(place.write("httpd.conf", self.template))]
