"""
All that an object says, whether its class is compiled or not.
"""

from __future__ import annotations


def attributes_of(thing: object) -> dict[str, object]:
    """
    The public attributes of a plain object, by name, to be compared.
    """
    return {name: getattr(thing, name) for name in dir(thing) if not name.startswith("_")}
