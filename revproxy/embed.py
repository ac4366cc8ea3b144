"""
The proxy in somebody else's program: a resource for their own C{twisted.web} site.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.application.service import MultiService
from typing_extensions import override

from revproxy import catalog
from revproxy.config.load import configuration_from
from revproxy.config.upstreams import UpstreamSettings
from revproxy.edge.resource import ReverseProxyResource
from revproxy.edge.site import DEFAULTS, SiteSettings
from revproxy.edge.turn import TurnWriter
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IRequestFilter, IResponseFilter
from revproxy.registry import Registry
from revproxy.service.context import Workshop
from revproxy.service.upstreams import build_upstream

_NAME = "embedded"


class EmbeddedResource(ReverseProxyResource):
    """
    A resource that looks after its servers itself, as there is no proxy that does.
    """

    def __init__(self, route: RouteSettings, site: SiteSettings, care: MultiService) -> None:
        """
        @param care: what looks after them while it runs.
        """
        super().__init__(route, site)
        self._care = care
        self._closed = False

    def take_care(self) -> None:
        """
        Begin, unless it is closed by now.
        """
        if not self._closed:
            self._care.startService()

    @override
    def close(self) -> None:
        """
        Drop the connections to servers that are not in use, and keep none from now on;
        look after the servers no more.
        """
        self._closed = True
        if self._care.running:
            self._care.stopService()
        super().close()


def reverse_proxy_resource(
    reactor: Any,
    servers: Sequence[str],
    *,
    filters: Sequence[IRequestFilter | IResponseFilter] = (),
    site: SiteSettings = DEFAULTS,
    registry: Registry | None = None,
    **options: object,
) -> EmbeddedResource:
    """
    Make a resource that relays to servers what it is asked, for any place in a tree of
    C{twisted.web}.

    The servers are asked for the whole path of the request, what stands above the
    resource included.  Their names are looked up, and their health is checked, as long as
    the reactor runs and the resource is not closed.

    @param reactor: the one that the site runs on.
    @param servers: their URLs, such as C{http://127.0.0.1:8001}.
    @param filters: run in this order on requests, and backwards on responses.
    @param site: limits, and whose forwarding fields are believed: by default nobody's.
    @param registry: the components that C{options} can name; by default all that are
        installed.
    @param options: those of an upstream in the configuration file, written as there:
        C{host="upstream"}, C{timeouts={"first_byte": "10s"}}.  Paths are relative to the
        working directory; files of TLS are read once.
    @raise RevproxyError: a URL, an option or a file cannot be used.
    """
    components = registry or catalog.registry()
    here = Path.cwd()
    settings = _upstream_settings({"servers": list(servers), **options}, components, here)
    workshop = Workshop(reactor, components, here, TurnWriter(reactor))
    built = build_upstream(_NAME, settings, workshop)
    route = RouteSettings(
        built.upstream,
        reactor,
        tuple(each for each in filters if IRequestFilter.providedBy(each)),
        built.upstream.response_filters
        + tuple(each for each in reversed(filters) if IResponseFilter.providedBy(each)),
    )
    resource = EmbeddedResource(route, site, built.care)
    reactor.callWhenRunning(resource.take_care)
    return resource


def _upstream_settings(options: dict[str, object], components: Registry, directory: Path) -> UpstreamSettings:
    """
    Read the options of an upstream as those of a file are read.

    @raise ConfigurationError: with everything that is wrong with them.
    """
    document = {
        "listeners": {_NAME: {"endpoint": "tcp:0"}},
        "upstreams": {_NAME: options},
        "routes": [{"upstream": _NAME}],
    }
    return configuration_from(document, components, directory, "reverse_proxy_resource").upstreams[_NAME]
