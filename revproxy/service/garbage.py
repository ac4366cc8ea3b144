"""
When Python looks for garbage that refers to itself.

An exchange leaves none: its objects go with the last reference to them.  So there is
little to find, while every look stops the proxy for as long as it goes over the objects
of all connections.
"""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 10_000
"""
How many more objects are made than go before the young ones are looked at, which takes
about a millisecond then.  Python's own 700 would have it done with every few responses
that are remembered.
"""


def settle() -> None:
    """
    Once the proxy has started: what is there now stays, and need not be looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
