"""
The servers of DNS that the system asks.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from revproxy.config.resolving import NameServer

RESOLV_CONF = Path("/etc/resolv.conf")

_MOST = 3
"""
How many of them the system heeds, resolv.conf(5).
"""

_NOBODY_SAID = (NameServer("127.0.0.1"),)


def system_nameservers(path: Path = RESOLV_CONF) -> tuple[NameServer, ...]:
    """
    @return: those that the file names now; this machine where it names none.
    """
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return _NOBODY_SAID
    found = [words[1] for line in lines if len(words := line.split()) > 1 and words[0] == "nameserver"]
    return tuple(NameServer(each) for each in found[:_MOST] if _is_address(each)) or _NOBODY_SAID


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
