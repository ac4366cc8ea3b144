"""
What becomes of a call: its result, or the error that ends the exchange.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from revproxy.errors import ExchangeError

P = ParamSpec("P")
T = TypeVar("T")


def outcome(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | type[ExchangeError]:
    """
    @return: what C{call} gives, or the class of what it raises.
    """
    try:
        return call(*args, **kwargs)
    except ExchangeError as error:
        return type(error)
