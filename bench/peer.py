"""
What a proxy is to the benchmark.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from bench.addresses import loopback_addresses
from bench.certificate import CertificateFiles
from bench.setup import Setup


@dataclass(frozen=True)
class Place:
    """
    Where a proxy stands.

    @ivar directory: an existing directory of its own.
    @ivar plain: the port of 127.0.0.1 on which it is to speak HTTP.
    @ivar tls: the port of 127.0.0.1 on which it is to speak HTTP over TLS.
    @ivar origin: the port to which it is to relay.
    @ivar certificate: what it is to present.
    @ivar setup: how it is to be set up.
    """

    directory: Path
    plain: int
    tls: int
    origin: int
    certificate: CertificateFiles
    setup: Setup = field(default_factory=Setup)

    @property
    def servers(self) -> list[str]:
        """
        The servers to relay to, each as address and port.
        """
        return [f"{address}:{self.origin}" for address in loopback_addresses(self.setup.servers)]

    def write(self, name: str, template: str, **more: str) -> Path:
        """
        Write a configuration file.

        @param template: its text, in which C{@directory@}, C{@plain@}, C{@tls@}, C{@origin@},
            C{@certificate@}, C{@key@} and C{@both@} stand for what they say.
        @param more: what else stands for something.
        """
        values = {
            "directory": self.directory,
            "plain": self.plain,
            "tls": self.tls,
            "origin": self.origin,
            "certificate": self.certificate.certificate,
            "key": self.certificate.key,
            "both": self.certificate.both,
            **more,
        }
        path = self.directory / name
        path.write_text(re.sub(r"@(\w+)@", lambda match: str(values[match[1]]), template))
        return path


class Peer(ABC):
    """
    A proxy.

    @ivar name: what the command line and the table call it.
    @ivar most_connections: how many at once it is not too slow for.
    @ivar unable: why it cannot be set up for something, by what L{Setup.needs} calls that.
    """

    name: str
    most_connections: int = 100_000
    unable: Mapping[str, str] = MappingProxyType({})

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

    def refusal(self, setup: Setup) -> str | None:
        """
        Say why the proxy cannot be set up like this, or L{None} if it can.
        """
        return next((self.unable[need] for need in sorted(setup.needs()) if need in self.unable), None)
