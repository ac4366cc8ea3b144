"""
Objects that Python does not look at when it looks for garbage.

Python's collector goes over all objects that might refer to each other in a circle.  Of a
million entries that takes the better part of a second, in which everybody waits, and
finds nothing: an entry refers to octets and numbers, and goes with the last reference to
it.  An object that the collector does not know of is as good as one that is referred to
from outside: it is never taken for garbage, nor is what it refers to.

Where they are compiled, entries are made so that it never knows of them, and has no reason
to know of a dictionary of them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

from revproxy.compiled import WHY_SOURCES

WATCHED: Final = WHY_SOURCES is not None
"""
Whether entries, and dictionaries of them, have to be taken from its sight.
"""


def _unwatch() -> Callable[[object], object]:
    """
    @return: what L{unwatch} is; where Python is not CPython, nothing.
    """
    python: Any = getattr(ctypes, "pythonapi", None)
    untrack = getattr(python, "PyObject_GC_UnTrack", None)
    if untrack is None:
        return lambda watched: None
    untrack.argtypes = [ctypes.py_object]
    untrack.restype = None
    found: Callable[[object], object] = untrack
    return found


unwatch: Final = _unwatch()
"""
Have an object looked at no more.  What is done to a dictionary may have it looked at
again, where something is put in that is an object of Python's own.
"""
