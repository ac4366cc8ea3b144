"""
The table of the components that come with the proxy.
"""

from __future__ import annotations

from typing import Any

from twisted.web.iweb import IAccessLogFormatter
from twisted.web.resource import IResource
from zope.interface.interface import InterfaceClass

from revproxy.components.balancers.at_random import at_random
from revproxy.components.balancers.consistent_hash import consistent_hash
from revproxy.components.balancers.first import first
from revproxy.components.balancers.least_connections import least_connections
from revproxy.components.balancers.least_time import least_time
from revproxy.components.balancers.power_of_two import power_of_two
from revproxy.components.balancers.round_robin import round_robin
from revproxy.components.balancers.sticky import sticky
from revproxy.components.filters.headers import headers
from revproxy.components.health.exec import exec_check
from revproxy.components.health.http import http_check
from revproxy.components.health.tcp import tcp_check
from revproxy.components.resources.redirect import redirect
from revproxy.components.resources.static import static
from revproxy.components.stores.disk import disk
from revproxy.components.stores.memory import memory
from revproxy.components.stores.tiered import tiered
from revproxy.interfaces import IBalancer, ICacheStore, IHealthChecker, IRequestFilter, IResponseFilter
from revproxy.operate.formats import combined_format, json_format
from revproxy.registry import ComponentFactory, Registry

BUILT_IN: tuple[tuple[InterfaceClass, str, ComponentFactory[Any]], ...] = (
    (IBalancer, "consistent-hash", consistent_hash),
    (IBalancer, "first", first),
    (IBalancer, "least-connections", least_connections),
    (IBalancer, "least-time", least_time),
    (IBalancer, "power-of-two", power_of_two),
    (IBalancer, "random", at_random),
    (IBalancer, "round-robin", round_robin),
    (IBalancer, "sticky", sticky),
    (IHealthChecker, "exec", exec_check),
    (IHealthChecker, "http", http_check),
    (IHealthChecker, "tcp", tcp_check),
    (IRequestFilter, "headers", headers),
    (IResponseFilter, "headers", headers),
    (ICacheStore, "disk", disk),
    (ICacheStore, "memory", memory),
    (ICacheStore, "tiered", tiered),
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
