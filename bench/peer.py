"""
What a proxy is to the benchmark.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.certificate import CertificateFiles


@dataclass(frozen=True)
class Place:
    """
    Where a proxy stands.

    @ivar directory: an existing directory of its own.
    @ivar plain: the port of 127.0.0.1 on which it is to speak HTTP.
    @ivar tls: the port of 127.0.0.1 on which it is to speak HTTP over TLS.
    @ivar origin: the port of 127.0.0.1 to which it is to relay.
    @ivar certificate: what it is to present.
    """

    directory: Path
    plain: int
    tls: int
    origin: int
    certificate: CertificateFiles

    def write(self, name: str, template: str) -> Path:
        """
        Write a configuration file.

        @param template: its text, in which C{@directory@}, C{@plain@}, C{@tls@}, C{@origin@},
            C{@certificate@}, C{@key@} and C{@both@} stand for what they say.
        """
        values = {
            "directory": self.directory,
            "plain": self.plain,
            "tls": self.tls,
            "origin": self.origin,
            "certificate": self.certificate.certificate,
            "key": self.certificate.key,
            "both": self.certificate.both,
        }
        path = self.directory / name
        path.write_text(re.sub(r"@(\w+)@", lambda match: str(values[match[1]]), template))
        return path


class Peer(ABC):
    """
    A proxy.

    @ivar name: what the command line and the table call it.
    """

    name: str

    @abstractmethod
    def version(self) -> str | None:
        """
        Say which version is installed, or L{None} if none is.
        """

    @abstractmethod
    def configure(self, place: Place) -> list[str]:
        """
        Write the configuration and say how the proxy is called, so that it stays in the foreground.
        """

    def environment(self, place: Place) -> Mapping[str, str]:
        """
        Say which environment variables the proxy needs.
        """
        return {}
