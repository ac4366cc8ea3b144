"""
The whole configuration file.
"""

from __future__ import annotations

from revproxy.config.components import AccessLogFormat, CacheStore, Filter
from revproxy.config.limits import LimitSettings, TimeoutSettings
from revproxy.config.listeners import ListenerSettings
from revproxy.config.routes import RouteSettings
from revproxy.config.settings import Settings, option, required
from revproxy.config.units import Delay
from revproxy.config.upstreams import UpstreamSettings
from revproxy.config.values import LogPath, Name, NetworkOption, ReadableFile, Token


class ForwardedSettings(Settings):
    """
    What upstreams are told of the client.
    """

    x_forwarded: bool = option(True, "Send X-Forwarded-For, -Proto, -Host and -Port.")
    forwarded: bool = option(True, "Send Forwarded (RFC 7239).")
    via: Token | None = option("revproxy", "The name under which we are in Via; null to send none.")


class AccessLogSettings(Settings):
    """
    A line for each request.
    """

    format: AccessLogFormat = option("combined", "What a line looks like.")
    path: LogPath = option("-", "The file; - for standard output.")


class Configuration(Settings):
    """
    The configuration of revproxy.
    """

    listeners: dict[Name, ListenerSettings] = required("Where clients connect to, by name.", min_length=1)
    upstreams: dict[Name, UpstreamSettings] = option({}, "Groups of servers that answer alike, by name.")
    routes: list[RouteSettings] = required(
        "Which requests go to which upstream; the most specific wins.", min_length=1
    )
    filters: dict[Name, Filter] = option({}, "Filters that routes can use, by name.")
    caches: dict[Name, CacheStore] = option({}, "Caches that routes can use, by name.")
    access_log: AccessLogSettings | None = option(None, "A line for each request; without it, none.")
    trusted_proxies: list[NetworkOption] = option(
        [], "Networks whose X-Forwarded-* and Forwarded fields are believed."
    )
    geoip: ReadableFile | None = option(
        None, "A file that tells the countries of addresses, in MaxMind's format (.mmdb)."
    )
    forwarded: ForwardedSettings = option({}, "What upstreams are told of the client.")
    limits: LimitSettings = option({}, "How much a client may ask for.")
    timeouts: TimeoutSettings = option({}, "How long a client may take.")
    drain_timeout: Delay = option("30s", "How long running exchanges may take to end when the proxy stops.")
