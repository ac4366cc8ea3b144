"""
Where the proxy keeps what it makes itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from revproxy.errors import RevproxyError


def state_directory(option: str | None, environ: Mapping[str, str]) -> Path:
    """
    Find the state directory, and make it where there is none.  It is for its owner
    alone.

    @param option: what C{--state-dir} says; otherwise it is C{revproxy} in
        C{$XDG_STATE_HOME}, which is C{~/.local/state} where it is not set (XDG Base
        Directory Specification).
    @param environ: the environment variables.
    @return: its absolute path.
    @raise RevproxyError: it cannot be made, or nothing says where.
    """
    directory = (Path(option) if option else _default(environ)).absolute()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RevproxyError(f"{directory}: cannot be the state directory: {error.strerror}") from error
    return directory


def _default(environ: Mapping[str, str]) -> Path:
    """
    A relative C{$XDG_STATE_HOME} counts as none: so the specification wants it.
    """
    state_home = environ.get("XDG_STATE_HOME", "")
    if state_home.startswith("/"):
        return Path(state_home, "revproxy")
    home = environ.get("HOME")
    if not home:
        raise RevproxyError("there is no place for a state directory, HOME is not set: give --state-dir")
    return Path(home, ".local", "state", "revproxy")
