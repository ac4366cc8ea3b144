"""
What does not fit together in a file: names that lead nowhere, and twins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from revproxy.config.messages import unknown
from revproxy.config.parts import Parts
from revproxy.config.places import Place, listening_place
from revproxy.config.positions import Path
from revproxy.config.routes import Match


class Complaint(NamedTuple):
    """
    @ivar path: the key that is wrong.
    """

    path: Path
    message: str


def check_parts(parts: Parts) -> list[Complaint]:
    """
    @return: all that does not fit together.
    """
    return [*_dangling_names(parts), *_repeated_routes(parts), *_taken_endpoints(parts)]


def _dangling_names(parts: Parts) -> Iterator[Complaint]:
    """
    Names in routes that nothing in the file has.
    """
    for path, section, name in parts.references:
        if name not in parts.names[section]:
            yield Complaint(path, unknown(section.removesuffix("s"), name, parts.names[section]))


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
