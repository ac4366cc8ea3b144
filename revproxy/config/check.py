"""
What does not fit together in a file: names that lead nowhere, twins, and what would
do nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from revproxy.config.complaints import Complaint
from revproxy.config.forbidden import forbidden_servers
from revproxy.config.messages import unknown
from revproxy.config.parts import Parts
from revproxy.config.places import Place, listening_place
from revproxy.config.routes import Match


def check_parts(parts: Parts) -> list[Complaint]:
    """
    @return: all that does not fit together.
    """
    return [
        *_dangling_names(parts),
        *_unused_names(parts),
        *_needless_options(parts),
        *_unknown_countries(parts),
        *_forbidden_servers(parts),
        *_repeated_routes(parts),
        *_taken_endpoints(parts),
    ]


def _dangling_names(parts: Parts) -> Iterator[Complaint]:
    """
    Names in routes that nothing in the file has.
    """
    for path, section, name in parts.references:
        if name not in parts.names[section]:
            yield Complaint(path, unknown(section.removesuffix("s"), name, parts.names[section]))


def _unused_names(parts: Parts) -> Iterator[Complaint]:
    """
    Upstreams and filters that no route names.  Where a route names what is not there,
    one of the unused may be meant, and nothing is said of them; nor where there are no
    routes yet.
    """
    if not (parts.references or parts.matches):
        return
    for section in ("upstreams", "filters", "caches"):
        used = {name for _, where, name in parts.references if where == section}
        if used.issubset(parts.names[section]):
            for name in parts.names[section]:
                if name not in used:
                    yield Complaint((section, name), "no route uses it")


def _needless_options(parts: Parts) -> Iterator[Complaint]:
    """
    Options of TLS where none is spoken, of look-ups where there are none, and of countries that
    no key has.
    """
    if parts.has_geoip and not parts.countries and parts.references:
        yield Complaint(("geoip",), "does nothing: no route has country in its key")
    for name in parts.needless_tls:
        yield Complaint(("upstreams", name, "tls"), "does nothing: no server of the upstream is https")
    for name in parts.needless_resolve:
        yield Complaint(("upstreams", name, "resolve"), "does nothing: no server of the upstream has a name")


def _unknown_countries(parts: Parts) -> Iterator[Complaint]:
    """
    Countries in keys that nothing tells.
    """
    if not parts.has_geoip:
        for path in parts.countries:
            yield Complaint(path, "needs geoip: a file that tells the countries of addresses")


def _forbidden_servers(parts: Parts) -> Iterator[Complaint]:
    """
    Servers that are written where no server may be.
    """
    for name, servers in parts.servers.items():
        for complaint in forbidden_servers(servers, parts.forbidden[name]):
            yield Complaint(("upstreams", name, "servers", *complaint.path), complaint.message)


def _repeated_routes(parts: Parts) -> Iterator[Complaint]:
    """
    Routes of which only the first could ever win.
    """
    first: dict[Match, int] = {}
    for index, match in parts.matches.items():
        before = first.setdefault(match, index)
        if before != index:
            yield Complaint(("routes", index), f"is for exactly the same requests as routes.{before}")


def _taken_endpoints(parts: Parts) -> Iterator[Complaint]:
    """
    Listeners of which only the first could listen.
    """
    taken: dict[str, Place] = {}
    for name, endpoint in parts.endpoints.items():
        place = listening_place(endpoint)
        before = next((other for other, there in taken.items() if there.excludes(place)), None)
        if before is not None:
            yield Complaint(
                ("listeners", name, "endpoint"),
                f"cannot be listened on together with that of listeners.{before}",
            )
        taken[name] = place
