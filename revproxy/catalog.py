"""
The table of the components that come with the proxy.
"""

from __future__ import annotations

from typing import Any

from twisted.web.iweb import IAccessLogFormatter
from twisted.web.resource import IResource
from zope.interface.interface import InterfaceClass

from revproxy.components.balancers.round_robin import round_robin
from revproxy.components.filters.headers import headers
from revproxy.components.health.exec import exec_check
from revproxy.components.health.http import http_check
from revproxy.components.health.tcp import tcp_check
from revproxy.components.resources.redirect import redirect
from revproxy.components.resources.static import static
from revproxy.interfaces import IBalancer, IHealthChecker, IRequestFilter, IResponseFilter
from revproxy.operate.formats import combined_format, json_format
from revproxy.registry import ComponentFactory, Registry

BUILT_IN: tuple[tuple[InterfaceClass, str, ComponentFactory[Any]], ...] = (
    (IBalancer, "round-robin", round_robin),
    (IHealthChecker, "exec", exec_check),
    (IHealthChecker, "http", http_check),
    (IHealthChecker, "tcp", tcp_check),
    (IRequestFilter, "headers", headers),
    (IResponseFilter, "headers", headers),
    (IAccessLogFormatter, "combined", combined_format),
    (IAccessLogFormatter, "json", json_format),
    (IResource, "redirect", redirect),
    (IResource, "static", static),
)


def built_ins() -> Registry:
    """
    @return: a registry of what comes with the proxy.
    """
    components = Registry()
    for interface, name, factory in BUILT_IN:
        components.add(interface, name, factory)
    return components


def registry() -> Registry:
    """
    @return: a registry of what comes with the proxy and what other packages offer.
    """
    components = built_ins()
    components.load_entry_points()
    return components
