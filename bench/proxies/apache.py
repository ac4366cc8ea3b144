"""
Apache httpd.
"""

from typing_extensions import override

from bench.peer import Place
from bench.proxies.installed import InstalledProgram


class Apache(InstalledProgram):
    """
    Apache httpd with the event MPM and one child process.

    It adds two of the four fields by itself.
    """

    name = "apache"
    program = "apache2"
    version_argument = "-v"
    unable = dict.fromkeys(("routes", "servers", "cache"), "not set up for these rows")
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
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
ServerLimit 1
StartServers 1
ThreadLimit 128
ThreadsPerChild 128
MaxRequestWorkers 128
AsyncRequestWorkerFactor 128
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 75
Listen 127.0.0.1:@plain@
Listen 127.0.0.1:@tls@
SSLSessionCache none
SSLSessionTickets @tickets@
ProxyPass / http://127.0.0.1:@origin@/ enablereuse=on max=128@upgrade@
ProxyPreserveHost On
<VirtualHost 127.0.0.1:@plain@>
    RequestHeader set X-Forwarded-Proto http
    RequestHeader set X-Forwarded-Port @plain@
</VirtualHost>
<VirtualHost 127.0.0.1:@tls@>
    RequestHeader set X-Forwarded-Proto https
    RequestHeader set X-Forwarded-Port @tls@
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
        configuration = place.write(
            "httpd.conf",
            self.template,
            tickets="on" if place.setup.resumption else "off",
            upgrade=" upgrade=websocket" if place.setup.upgrades else "",
        )
        return [self.path(), "-DFOREGROUND", "-f", str(configuration)]
