"""
What a file says of the relations between its parts, whether or not all else is right.

Names that lead nowhere and twins are told together with wrong values, so that one
reading of a file shows all its errors; so they are looked for before the values are
known to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from revproxy.config.forbidden import written_url
from revproxy.config.positions import Path
from revproxy.config.routes import Match, MatchSettings
from revproxy.config.server_url import ServerURL
from revproxy.config.upstreams import UpstreamSettings
from revproxy.config.values import Network, NetworkOption
from revproxy.wire.forbidden import ForbiddenNetworks

SECTIONS = ("listeners", "upstreams", "filters", "caches")
"""
Those whose names others refer to.
"""

_NETWORK: TypeAdapter[Network] = TypeAdapter(NetworkOption)


class Reference(NamedTuple):
    """
    A place where something of another section is named.

    @ivar path: the key whose value is the name.
    """

    path: Path
    section: str
    name: str


class Parts(NamedTuple):
    """
    What could be read.

    @ivar names: the names in each section.
    @ivar references: where routes name them.
    @ivar endpoints: those of the listeners, by name.
    @ivar matches: what routes are for, by their index.
    @ivar needless_tls: the upstreams that say how TLS is spoken, and have only servers
        that do not speak it.
    @ivar needless_resolve: the upstreams that say how names are looked up, and have none.
    @ivar countries: the keys that ask for countries.
    @ivar has_geoip: whether there is something that tells them.
    @ivar servers: those of each upstream.
    @ivar forbidden: where these may not be.
    """

    names: Mapping[str, list[str]]
    references: list[Reference]
    endpoints: Mapping[str, str]
    matches: Mapping[int, Match]
    needless_tls: list[str]
    needless_resolve: list[str]
    countries: list[Path]
    has_geoip: bool
    servers: Mapping[str, list[Any]]
    forbidden: Mapping[str, ForbiddenNetworks]


def readable_parts(data: object) -> Parts:
    """
    @param data: what the file says; anything at all.
    """
    sections = mapping_of(data)
    routes = {index: mapping_of(route) for index, route in enumerate(list_of(sections.get("routes")))}
    upstreams = {name: mapping_of(said) for name, said in mapping_of(sections.get("upstreams")).items()}
    return Parts(
        names={section: list(mapping_of(sections.get(section))) for section in SECTIONS},
        references=[reference for index, route in routes.items() for reference in _references(index, route)],
        endpoints=dict(_endpoints(mapping_of(sections.get("listeners")))),
        matches=dict(_matches(routes)),
        needless_tls=list(_needless(upstreams, "tls", _is_plain)),
        needless_resolve=list(_needless(upstreams, "resolve", _has_no_name)),
        countries=[
            ("routes", index, "cache", "key", "country")
            for index, route in routes.items()
            if mapping_of(mapping_of(route.get("cache")).get("key")).get("country") is True
        ],
        has_geoip=sections.get("geoip") is not None,
        servers={name: list_of(upstream.get("servers")) for name, upstream in upstreams.items()},
        forbidden={name: forbidden_networks(upstream) for name, upstream in upstreams.items()},
    )


def _references(index: int, route: Mapping[str, Any]) -> Iterator[Reference]:
    upstream = route.get("upstream")
    if isinstance(upstream, str):
        yield Reference(("routes", index, "upstream"), "upstreams", upstream)
    cache = route.get("cache")
    used = mapping_of(cache).get("use")
    if isinstance(cache, str):
        yield Reference(("routes", index, "cache"), "caches", cache)
    elif isinstance(used, str):
        yield Reference(("routes", index, "cache", "use"), "caches", used)
    for section in ("filters", "listeners"):
        for place, name in enumerate(list_of(route.get(section))):
            if isinstance(name, str):
                yield Reference(("routes", index, section, place), section, name)


def _endpoints(listeners: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, listener in listeners.items():
        endpoint = mapping_of(listener).get("endpoint")
        if isinstance(endpoint, str):
            yield name, endpoint


def _needless(
    upstreams: Mapping[str, Mapping[str, Any]], key: str, does_without: Callable[[ServerURL], bool]
) -> Iterator[str]:
    """
    Upstreams with an option of which it is sure that none of their servers needs it.
    """
    for name, upstream in upstreams.items():
        urls = [written_url(server) for server in list_of(upstream.get("servers"))]
        if urls and key in upstream and all(url is not None and does_without(url) for url in urls):
            yield name


def _is_plain(url: ServerURL) -> bool:
    return not url.secure


def _has_no_name(url: ServerURL) -> bool:
    return not url.looked_up


def forbidden_networks(upstream: Mapping[str, Any]) -> ForbiddenNetworks:
    """
    @param upstream: as the file has it.
    @return: where its servers may not be, as far as that can be read.
    """
    default = UpstreamSettings.model_fields["forbid"].default
    networks = []
    for said in list_of(upstream.get("forbid", default)):
        try:
            networks.append(_NETWORK.validate_python(said))
        except ValidationError:
            continue
    return ForbiddenNetworks(networks)


def _matches(routes: Mapping[int, Mapping[str, Any]]) -> Iterator[tuple[int, Match]]:
    keys = MatchSettings.known_keys()
    for index, route in routes.items():
        try:
            yield (
                index,
                MatchSettings.model_validate({key: route[key] for key in keys if key in route}).match(),
            )
        except ValidationError:
            continue


def mapping_of(value: object) -> dict[str, Any]:
    """
    @return: a mapping of the file; an empty one where there is something else.
    """
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """
    @return: a list of the file; an empty one where there is something else.
    """
    return value if isinstance(value, list) else []
