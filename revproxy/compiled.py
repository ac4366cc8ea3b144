"""
Whether the compiled modules of the package are used, or their sources.

Compiled modules lie beside their sources, and Python prefers them, even where a
source was changed since.  So the build leaves a record of all sources that it was
made from.  The package compares it with what is there when it is first imported,
and where they differ has Python take the sources alone: what is edited is what runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from importlib.util import source_hash
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr as mypyc_attr
else:

    def mypyc_attr(**attributes: bool) -> Callable[[type], type]:
        """
        Tells mypyc of a class, which reads it in the source: here is nothing to do, and
        so nothing to install.
        """
        return lambda decorated: decorated


VARIABLE: Final = "REVPROXY_COMPILED"
"""
The environment variable that, set to C{0}, has compiled modules neither made nor used.
"""

RECORD: Final = f"compiled.{sys.implementation.cache_tag}.sums"
"""
The record's file in the package: of each source file its hash and its path in the
package, on a line.  Each version of Python has its own, as it has its own modules.
"""

GROUP: Final = "revproxy.compiled"
"""
What the shared library that holds all compiled code is named after.
"""


def why_sources(package: str, environment: Mapping[str, str]) -> str | None:
    """
    @param package: the package's directory.
    @return: why the sources are to be used, or L{None} where the compiled modules are.
    """
    if environment.get(VARIABLE) == "0":
        return f"{VARIABLE} is 0"
    try:
        record = Path(package, RECORD).read_text()
    except OSError:
        return "nothing is compiled"
    changed = next(_changed(package, record.splitlines()), None)
    return None if changed is None else f"{changed} has changed since it was compiled"


def _changed(package: str, record: Iterable[str]) -> Iterator[str]:
    for line in record:
        recorded, name = line.split("  ")
        try:
            if _hash_of(os.path.join(package, name)) != recorded:
                yield name
        except OSError:
            yield name


def record_of(package: Path) -> str:
    """
    The record of the sources as they are now.
    """
    sources = sorted(package.rglob("*.py"))
    return "".join(f"{_hash_of(str(path))}  {path.relative_to(package)}\n" for path in sources)


def _hash_of(path: str) -> str:
    """
    The hash that Python itself tells by whether a source is still the one that its
    C{.pyc} was made from.
    """
    with open(path, "rb", buffering=0) as source:
        return source_hash(source.read()).hex()


def use_sources(package: str) -> None:
    """
    Have Python find the modules of a package by their sources alone.

    @param package: the package's directory, none of whose modules but this one has
        been imported yet.
    """

    def finder(directory: str) -> FileFinder:
        if directory != package and not directory.startswith(package + os.sep):
            raise ImportError(f"{directory} is not in {package}")
        return FileFinder(directory, (SourceFileLoader, SOURCE_SUFFIXES))

    sys.path_hooks.insert(0, finder)
    sys.path_importer_cache.pop(package, None)


WHY_SOURCES: Final = why_sources(os.path.dirname(__file__), os.environ)
"""
Why this process runs from the sources; L{None} where it runs what is compiled.
"""
