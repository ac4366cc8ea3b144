"""
Finding the routes of a host and a path by look-up.

The number of look-ups depends on how deep the hosts and paths of the routes are,
never on how many routes there are, nor on how long the request's path is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from revproxy.edge.match import WILDCARD, Route

Group: TypeAlias = tuple[Route, ...]
"""
Routes of the same host and path: more conditions first, then the order of the file.
"""


class PathIndex:
    """
    The routes of one host, or of all names under one, by path.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        by_path = defaultdict[bytes, list[Route]](list)
        for route in routes:
            by_path[route.path].append(route)
        self._groups = {path: _ordered(group) for path, group in by_path.items()}
        self._depth = max((path.count(b"/") for path in by_path), default=0)

    def find(self, path: bytes) -> Iterator[Group]:
        """
        @return: the groups whose path is C{path} or above it, the longest first.
        """
        for prefix in prefixes(path, self._depth):
            group = self._groups.get(prefix)
            if group is not None:
                yield group


class HostIndex:
    """
    The routes of one listener by host.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        exact = defaultdict[bytes, list[Route]](list)
        below = defaultdict[bytes, list[Route]](list)
        anywhere: list[Route] = []
        for route in routes:
            if route.host is None:
                anywhere.append(route)
            elif route.host.startswith(WILDCARD):
                below[route.host.removeprefix(WILDCARD)].append(route)
            else:
                exact[route.host].append(route)
        self._exact = {host: PathIndex(group) for host, group in exact.items()}
        self._below = {host: PathIndex(group) for host, group in below.items()}
        self._anywhere = PathIndex(anywhere)
        self._depth = max((host.count(b".") + 1 for host in below), default=0)

    def find(self, host: bytes, path: bytes) -> tuple[Group, ...]:
        """
        @param host: without a port.
        @return: the groups that may have the route for a request, the most specific
            first.  One that leaves no request to the next is the last.
        """
        found: list[Group] = []
        for paths in self._paths(host.lower().removesuffix(b".")):
            for group in paths.find(path):
                found.append(group)
                if not all(route.conditional for route in group):
                    return tuple(found)
        return tuple(found)

    def _paths(self, host: bytes) -> Iterator[PathIndex]:
        exact = self._exact.get(host)
        if exact is not None:
            yield exact
        for parent in parents(host, self._depth):
            below = self._below.get(parent)
            if below is not None:
                yield below
        yield self._anywhere


def prefixes(path: bytes, depth: int) -> list[bytes]:
    """
    @param depth: the most segments that a prefix may have.
    @return: what a path begins with, cut between segments and without a slash at
        the end, the longest first and the empty one last.
    """
    found = [b""]
    end = 0
    while end != -1 and len(found) <= depth:
        end = path.find(b"/", end + 1)
        found.append(path if end == -1 else path[:end])
    found.reverse()
    return found


def parents(host: bytes, depth: int) -> list[bytes]:
    """
    @param depth: the most labels that a parent may have.
    @return: the names that a host is under, the longest first.
    """
    labels = host.split(b".")
    return [b".".join(labels[start:]) for start in range(max(1, len(labels) - depth), len(labels))]


def _ordered(routes: Iterable[Route]) -> Group:
    return tuple(sorted(routes, key=lambda route: -route.conditions))
