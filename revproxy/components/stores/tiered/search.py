"""
Looking through several stores, each of which may have to be waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from twisted.internet.defer import Deferred

from revproxy.interfaces import ICacheStore, IKept

Placed: TypeAlias = tuple[int, IKept]
"""
A response and the place of the store that it is in.
"""

Found: TypeAlias = list[Placed] | Deferred[list[Placed]]

T = TypeVar("T")
U = TypeVar("U")


def then(value: T | Deferred[T], do: Callable[[T], U | Deferred[U]]) -> U | Deferred[U]:
    """
    Go on with a value, at once where it is there.
    """
    if isinstance(value, Deferred):
        return value.addCallback(do)
    return do(value)


def first_found(stores: Sequence[ICacheStore], key: bytes, place: int = 0) -> Found:
    """
    @param place: that of the first store to be asked.
    @return: what the first store has that has anything under a key.
    """
    if place == len(stores):
        return []

    def go_on(found: Sequence[IKept]) -> Found:
        return [(place, kept) for kept in found] if found else first_found(stores, key, place + 1)

    return then(stores[place].find(key), go_on)


def all_found(stores: Sequence[ICacheStore], key: bytes, place: int = 0) -> Found:
    """
    @param place: that of the first store to be asked.
    @return: what all stores have under a key.
    """
    if place == len(stores):
        return []
    store = stores[place]

    def add_more(found: Sequence[IKept]) -> Found:
        return then(store.more(key, found), lambda more: add_others([*found, *more]))

    def add_others(found: list[IKept]) -> Found:
        here = [(place, kept) for kept in found]
        return then(all_found(stores, key, place + 1), lambda others: here + others)

    return then(store.find(key), add_more)


def at_once(found: Found) -> list[Placed]:
    """
    @return: what was found; nothing where that has to be waited for, which is given up.
    """
    if isinstance(found, Deferred):
        found.addErrback(lambda failure: None)
        found.cancel()
        return []
    return found
