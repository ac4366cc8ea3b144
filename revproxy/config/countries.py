"""
Where a file names a database of countries, whether or not all else in it is right.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from revproxy.config.context import Context
from revproxy.config.parts import mapping_of
from revproxy.config.values import ReadableFile

_FILE: Final[TypeAdapter[Path]] = TypeAdapter(ReadableFile)


def country_file(data: object, context: Context) -> Path | None:
    """
    @param data: what the file says; anything at all.
    @return: the file of C{geoip}; C{None} where there is none, or it cannot be read, of
        which the settings complain themselves.
    """
    try:
        return _FILE.validate_python(mapping_of(data).get("geoip"), context=context)
    except ValidationError:
        return None
