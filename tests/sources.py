"""
Tests that run on the sources alone, not on compiled modules.

There they would not hold: a compiled class has no interpreted subclasses, its methods
cannot be replaced, and what it calls has to return what it is declared to.
"""

from __future__ import annotations

from typing import TypeVar

from revproxy.compiled import WHY_SOURCES

C = TypeVar("C", bound=type)

ON_SOURCES = WHY_SOURCES is not None


def on_sources(case: C) -> C | None:
    """
    @return: the tests, where what runs here are the sources.
    """
    return case if ON_SOURCES else None
