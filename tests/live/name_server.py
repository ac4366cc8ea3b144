"""
A server of DNS, in a process of its own, whose names the test can change at any time.

It is this module run as a program.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import CannotListenError
from twisted.names import dns
from twisted.names.common import ResolverBase
from twisted.names.error import DomainError
from twisted.names.server import DNSServerFactory
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.programs import ROOT, Program, eventually, new_directory

_TYPES = {dns.A: "A", dns.AAAA: "AAAA", dns.SRV: "SRV", dns.CNAME: "CNAME"}


class NameServer:
    """
    The program, as a test sees it.

    @ivar address: where it is asked.
    """

    def __init__(self, test: SynchronousTestCase) -> None:
        self._names: dict[str, dict[str, Any]] = {}
        self._file = new_directory(test) / "names.json"
        self._write()
        command: list[str | Path] = [sys.executable, "-m", "tests.live.name_server", self._file]
        self._program = Program(test, command, environment={"PYTHONPATH": str(ROOT)})
        self.address = f"127.0.0.1:{eventually(self._port, 'the name server')}"

    def say(self, name: str, ttl: int = 1, **records: Any) -> None:
        """
        Answer otherwise from now on.

        @param records: by their type, each a list of addresses, or for SRV of priority,
            weight, port and target; one for CNAME.  Without any the name is there and has none.
        """
        self._names[name] = {"ttl": ttl, "records": records}
        self._write()

    def forget(self, name: str) -> None:
        """
        Say from now on that there is no such name.
        """
        del self._names[name]
        self._write()

    def fail(self, name: str) -> None:
        """
        Fail from now on when asked for a name.
        """
        self._names[name] = {"fails": True}
        self._write()

    def asked(self, name: str) -> int:
        """
        How often it was asked for a name.
        """
        return self._program.output().split().count(name)

    @property
    def pid(self) -> int:
        """
        The number of its process.
        """
        return self._program.process.pid

    def stop(self) -> None:
        """
        Answer nothing any more.
        """
        self._program.stop()

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._names))
        os.replace(new, self._file)

    def _port(self) -> int | None:
        if self._program.process.poll() is not None:
            raise AssertionError(self._program.output())
        line, end, _ = self._program.output().partition("\n")
        return int(line) if end else None


class Failing(Exception):
    """
    The test wants no answer to be found.
    """


class _Names(ResolverBase):
    """
    Answers by what the file says at the moment.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    @override
    def _lookup(self, name: bytes, cls: int, type: int, timeout: object) -> Deferred[Any]:
        asked = name.decode().lower()
        print(asked, flush=True)
        known = json.loads(self._path.read_text()).get(asked)
        if known is None:
            return fail(DomainError(asked))
        if known.get("fails"):
            return fail(Failing(asked))
        make = partial(_record, name, known["ttl"])
        records = known["records"]
        if "CNAME" in records:
            (target,) = records["CNAME"]
            found = self._lookup(target.encode(), cls, type, timeout)
            return found.addCallback(lambda rest: ([make(dns.CNAME, target), *rest[0]], [], []))
        return succeed(([make(type, said) for said in records.get(_TYPES.get(type), [])], [], []))


def _record(name: bytes, ttl: int, type: int, said: Any) -> dns.RRHeader:
    record = {dns.A: dns.Record_A, dns.AAAA: dns.Record_AAAA, dns.SRV: dns.Record_SRV}.get(type)
    payload = (
        dns.Record_CNAME(said) if record is None else record(*([said] if isinstance(said, str) else said))
    )
    return dns.RRHeader(name, type, dns.IN, ttl, payload)


class _Factory(DNSServerFactory):
    """
    Cuts answers short that do not fit into a datagram.
    """

    noisy = False

    @override
    def sendReply(self, protocol: Any, message: dns.Message, address: Any) -> None:
        message.maxSize = 0 if address is None else 512
        super().sendReply(protocol, message, address)


def main() -> None:
    """
    Be the name server, at a port that is free for UDP and TCP.
    """
    from twisted.internet import reactor as global_reactor

    reactor: Any = global_reactor
    factory = _Factory(clients=[_Names(Path(sys.argv[1]))])
    while True:
        port = reactor.listenUDP(0, dns.DNSDatagramProtocol(factory), "127.0.0.1").getHost().port
        try:
            reactor.listenTCP(port, factory, interface="127.0.0.1")
        except CannotListenError:
            continue
        break
    print(port, flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
