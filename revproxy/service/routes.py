"""
From the settings of the routes to the tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from twisted.web.resource import IResource

from revproxy.config.configuration import Configuration
from revproxy.config.routes import RouteSettings as RouteOptions
from revproxy.edge.match import Route
from revproxy.edge.mount import as_exchange_resource
from revproxy.edge.resource import ReverseProxyResource
from revproxy.edge.tree import RouteTree
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.route import RouteSettings
from revproxy.interfaces import IExchangeResource, IRequestFilter, IResponseFilter
from revproxy.registry import ComponentSpec
from revproxy.service.caches import CacheUses
from revproxy.service.context import Workshop

Relaying: TypeAlias = tuple[str, tuple[str, ...], str, int | None]
"""
How a route relays: its upstream, its filters, its cache and the most octets of a body.
"""


def build_tree(
    configuration: Configuration,
    upstreams: Mapping[str, Upstream],
    caches: CacheUses,
    workshop: Workshop,
) -> RouteTree:
    """
    @raise ComponentError: a filter or a resource cannot be made.
    """
    filters = {
        name: workshop.registry.build((IRequestFilter, IResponseFilter), spec, workshop.environment)
        for name, spec in configuration.filters.items()
    }
    relaying: dict[Relaying, ReverseProxyResource] = {}
    return RouteTree(
        _route(
            options,
            _mounted(options, options.resource, workshop)
            if options.resource is not None
            else _relaying(options, relaying, upstreams, caches, filters, workshop),
        )
        for options in configuration.routes
    )


def _mounted(options: RouteOptions, spec: ComponentSpec, workshop: Workshop) -> IExchangeResource:
    """
    A resource that answers by itself.
    """
    made = workshop.registry.build(IResource, spec, workshop.environment)
    return as_exchange_resource(made, workshop.reactor, options.path)


def _relaying(
    options: RouteOptions,
    made: dict[Relaying, ReverseProxyResource],
    upstreams: Mapping[str, Upstream],
    caches: CacheUses,
    filters: Mapping[str, object],
    workshop: Workshop,
) -> ReverseProxyResource:
    """
    A resource that relays: the same for all routes that relay alike, so that many
    routes are not much memory for the processor to go through.

    @param made: those that there are already.
    """
    assert options.upstream is not None
    key = (options.upstream, tuple(options.filters), repr(options.cache), options.max_body)
    if key not in made:
        upstream = upstreams[options.upstream]
        chosen = [filters[name] for name in options.filters]
        settings = RouteSettings(
            upstream,
            workshop.reactor,
            tuple(each for each in chosen if IRequestFilter.providedBy(each)),
            upstream.response_filters
            + tuple(each for each in reversed(chosen) if IResponseFilter.providedBy(each)),
            options.max_body,
            None if options.cache is None else caches.terms(options, options.cache),
        )
        made[key] = ReverseProxyResource(settings)
    return made[key]


def _route(options: RouteOptions, resource: IExchangeResource) -> Route:
    return Route(
        resource,
        options.host,
        options.path,
        options.methods or (),
        options.headers.items(),
        options.query.items(),
        options.listeners or (),
    )
