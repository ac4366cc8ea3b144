"""
What a file says of the relations between its parts, whether or not all else is right.

Names that lead nowhere and twins are told together with wrong values, so that one
reading of a file shows all its errors; so they are looked for before the values are
known to be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from revproxy.config.positions import Path
from revproxy.config.routes import Match, MatchSettings

SECTIONS = ("listeners", "upstreams", "filters")
"""
Those whose names others refer to.
"""

_PLAIN_URL = re.compile(r"http(\+unix)?:", re.IGNORECASE).match


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
    """

    names: Mapping[str, list[str]]
    references: list[Reference]
    endpoints: Mapping[str, str]
    matches: Mapping[int, Match]
    needless_tls: list[str]


def readable_parts(data: object) -> Parts:
    """
    @param data: what the file says; anything at all.
    """
    sections = mapping_of(data)
    routes = {index: mapping_of(route) for index, route in enumerate(list_of(sections.get("routes")))}
    return Parts(
        names={section: list(mapping_of(sections.get(section))) for section in SECTIONS},
        references=[reference for index, route in routes.items() for reference in _references(index, route)],
        endpoints=dict(_endpoints(mapping_of(sections.get("listeners")))),
        matches=dict(_matches(routes)),
        needless_tls=list(_needless_tls(mapping_of(sections.get("upstreams")))),
    )


def _references(index: int, route: Mapping[str, Any]) -> Iterator[Reference]:
    upstream = route.get("upstream")
    if isinstance(upstream, str):
        yield Reference(("routes", index, "upstream"), "upstreams", upstream)
    for section in ("filters", "listeners"):
        for place, name in enumerate(list_of(route.get(section))):
            if isinstance(name, str):
                yield Reference(("routes", index, section, place), section, name)


def _endpoints(listeners: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, listener in listeners.items():
        endpoint = mapping_of(listener).get("endpoint")
        if isinstance(endpoint, str):
            yield name, endpoint


def _needless_tls(upstreams: Mapping[str, Any]) -> Iterator[str]:
    for name, upstream in upstreams.items():
        servers = list_of(mapping_of(upstream).get("servers"))
        if servers and "tls" in upstream and all(map(_is_plain, servers)):
            yield name


def _is_plain(server: object) -> bool:
    """
    @return: whether it is sure that the server does not speak TLS.
    """
    url = server if isinstance(server, str) else mapping_of(server).get("url")
    return isinstance(url, str) and _PLAIN_URL(url) is not None


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
