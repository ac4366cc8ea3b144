"""
What was read from files, kept as it was when they were last in order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from cryptography.x509 import Certificate

from revproxy.edge.tls.certificates import CertificatePair, load_pair
from revproxy.edge.tls.pem import read_certificates
from revproxy.errors import CertificateError

_Value = TypeVar("_Value", covariant=True)
_Stamp = tuple[tuple[int, int, int, int] | None, ...]


class Kept(Generic[_Value]):
    """
    A value that is loaded from files, and anew when they change.

    While new files are wrong the value stays what it was, and each look tries them
    again: a certificate and its key may be replaced one after the other.

    @ivar value: what was loaded last.
    """

    def __init__(self, paths: Iterable[Path], load: Callable[[datetime], _Value], now: datetime) -> None:
        """
        @param paths: the files that C{load} reads.
        @param load: takes the time, aware of its zone, and raises L{CertificateError}.
        @raise CertificateError: the files are wrong already.
        """
        self._paths = tuple(paths)
        self._load = load
        # Here and below the stamp is older than what is read, so no change is missed.
        self._stamp = _stamp(self._paths)
        self.value = load(now)

    def refresh(self, now: datetime) -> bool:
        """
        Look at the files and load them if they changed.

        @return: whether there is a new value.
        @raise CertificateError: there is not, because the new files are wrong.
        """
        stamp = _stamp(self._paths)
        if stamp == self._stamp:
            return False
        self.value = self._load(now)
        self._stamp = stamp
        return True


def keep_pair(certificate: Path, key: Path, now: datetime) -> Kept[CertificatePair]:
    """
    Load a certificate and its key, to be looked at again.

    @raise CertificateError: a file cannot be used.
    """
    return Kept((certificate, key), partial(load_pair, certificate, key), now)


def keep_authorities(path: Path, now: datetime) -> Kept[tuple[Certificate, ...]]:
    """
    Load a file of authorities, to be looked at again.

    @raise CertificateError: the file cannot be used.
    """
    return Kept((path,), lambda now: read_certificates(path), now)


def refresh_all(
    kept: Iterable[Kept[object]], use: Callable[[], None], now: datetime
) -> list[CertificateError]:
    """
    Refresh several values, each on its own: what is wrong with one keeps no other
    from being renewed.

    @param use: called when there is any new value; may raise L{CertificateError}.
    @return: what could not be taken over.
    """
    changed = False
    failures = []
    for each in kept:
        try:
            changed = each.refresh(now) or changed
        except CertificateError as error:
            failures.append(error)
    if changed:
        try:
            use()
        except CertificateError as error:
            # A file changed since it was loaded, which the next look will see.
            failures.append(error)
    return failures


def _stamp(paths: Iterable[Path]) -> _Stamp:
    return tuple(map(_stamp_one, paths))


def _stamp_one(path: Path) -> tuple[int, int, int, int] | None:
    """
    Tell one state of a file from another.  Links are followed, so one that is
    turned to another file counts as a change.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
