"""
Reading a file as text.
"""

from __future__ import annotations

from pathlib import Path

from revproxy.config.complaints import WHOLE
from revproxy.config.positions import BEGINNING, Position
from revproxy.errors import ConfigurationError, Problem

MOST_BYTES = 4 << 20
"""
The largest file that is read.
"""


def read_text(path: Path) -> str:
    """
    @param path: named in messages as it is given.
    @raise ConfigurationError: it is no text that can be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise _unreadable(path, f"is larger than {MOST_BYTES >> 20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        position = Position(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise _unreadable(path, "is not UTF-8 text", position) from error


def _unreadable(path: Path, message: str, position: Position = BEGINNING) -> ConfigurationError:
    return ConfigurationError([Problem(str(path), *position, WHOLE, message)])
