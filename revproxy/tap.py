"""
C{twistd revproxy}: the only place that touches the global reactor.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import Signals
from typing import Any, TextIO, TypeAlias

from twisted.application.app import ServerOptions
from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.usage import Options as UsageOptions
from twisted.python.usage import UsageError
from typing_extensions import override

from revproxy import catalog, reactor
from revproxy.compiled import WHY_SOURCES
from revproxy.config.configuration import Configuration
from revproxy.config.load import configuration_from
from revproxy.edge.turn import TurnWriter
from revproxy.embedded import PORTS, quick_configuration, quick_option, state_directory
from revproxy.errors import ConfigurationError, RevproxyError
from revproxy.flow.splice.splicer import splicer_for
from revproxy.service.check import checked_configuration
from revproxy.service.context import Workshop
from revproxy.service.demonstration import Demonstration
from revproxy.service.descriptors import DescriptorLimit, descriptors_needed
from revproxy.service.garbage import settle
from revproxy.service.heap import keep_freed_memory
from revproxy.service.proxy import ProxyService
from revproxy.service.signals import SignalService
from revproxy.service.stop_signals import StopSignals

_TWO_PORTS = re.compile(r"([0-9]{1,5}),([0-9]{1,5})").fullmatch

Load: TypeAlias = Callable[[], Configuration]


class Options(UsageOptions):
    """
    The options of C{twistd revproxy}.
    """

    synopsis = "[--config FILE | --from ENDPOINT --to URL ... | --ports HTTP,HTTPS]"
    longdesc = (
        "Relays HTTP requests to other servers.  With --config FILE the file says all; with --from and --to"
        " everything from one endpoint goes to some servers; with neither, two small demonstration servers"
        " are shown on http://127.0.0.1:8080 and https://127.0.0.1:8443."
    )
    optParameters = (
        ("config", "c", None, "The configuration file."),
        ("from", "f", None, "Where to listen: a Twisted server endpoint, such as tcp:8080."),
        (
            "state-dir",
            "s",
            None,
            "Where the embedded certificate is kept [default: $XDG_STATE_HOME/revproxy].",
        ),
        ("ports", "p", None, "Where the demonstration listens [default: 8080,8443]."),
    )

    def __init__(self) -> None:
        super().__init__()
        self["to"] = []

    def opt_to(self, url: str) -> None:
        """
        A server to relay to, such as http://127.0.0.1:9000; may be repeated.
        """
        self["to"].append(url)

    opt_t = opt_to

    @override
    def parseArgs(self, *arguments: str) -> None:
        if arguments:
            hint = "" if self["config"] or self["from"] else f"; did you mean --config {arguments[0]}?"
            raise UsageError(f"unexpected argument '{arguments[0]}'{hint}")

    @override
    def postOptions(self) -> None:
        if bool(self["from"]) != bool(self["to"]):
            raise UsageError("--from and --to go together")
        if self["config"] and self["from"]:
            raise UsageError("--config and --from exclude each other")
        if self["ports"] and (self["config"] or self["from"]):
            raise UsageError("--ports is for the demonstration alone")
        self["ports"] = _ports(self["ports"]) if self["ports"] else PORTS
        if isinstance(self.parent, ServerOptions):
            _prefer_our_reactor()


def _prefer_our_reactor() -> None:
    """
    Have C{twistd} run on our reactor, where that is possible and none was asked for.
    """
    if "twisted.internet.reactor" not in sys.modules and reactor.is_available():
        reactor.install()


def _ports(text: str) -> tuple[int, int]:
    """
    @raise UsageError: it is not two ports.
    """
    found = _TWO_PORTS(text)
    if found is None or not all(0 < int(port) < 65536 for port in found.groups()):
        raise UsageError(f"--ports must be two ports such as 8080,8443, not {text}")
    return int(found[1]), int(found[2])


def makeService(options: Options) -> IService:
    """
    Build the proxy that the options ask for; nothing is listened on yet.

    @raise SystemExit: with status 1, after each error was printed on a line.
    """
    from twisted.internet import reactor

    try:
        return ProxyProcess(options, reactor, sys.stderr)
    except RevproxyError as error:
        raise _refused(error, sys.stderr) from None


class NotStarted(Exception, SystemExit):
    """
    The proxy cannot start, and its operator has been told why.

    For C{twistd} it is a failure: it removes the file with the process's number, and a
    daemon's message goes to the process that waits for it.  For the interpreter it is
    an exit, so that no traceback follows.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.code = 1
        # Of a daemon's message twistd hands on the last line alone, of which the first
        # 98 characters: what it says of the exception itself would be before a message.
        self.add_note(message)


class ProxyProcess(MultiService):
    """
    The proxy, and the process that it runs in.
    """

    _log = Logger()

    def __init__(self, options: Options, reactor: Any, errors: TextIO) -> None:
        """
        @param errors: where the operator sees what goes wrong at the start: later on
            twistd writes to its log what goes to standard error.
        @raise RevproxyError: what is asked for cannot be built.
        """
        super().__init__()
        self._reactor = reactor
        self._registry = catalog.registry()
        self._directory = Path.cwd()
        self._errors = errors
        self._seen = _in_foreground(options)
        configuration, load = self._configured(options)
        DescriptorLimit(descriptors_needed(configuration)).setServiceParent(self)
        workshop = Workshop(
            reactor, self._registry, self._directory, TurnWriter(reactor), splicer=splicer_for(reactor)
        )
        self.proxy = ProxyService(configuration, workshop)
        self.proxy.setServiceParent(self)
        StopSignals(reactor).setServiceParent(self)
        self._signals = SignalService(
            reactor,
            {Signals.SIGHUP: lambda: self.proxy.reload(load), Signals.SIGUSR1: self.proxy.reopen_logs},
        )

    def _configured(self, options: Options) -> tuple[Configuration, Load]:
        """
        @return: the configuration, and what gives it when it is asked for again.
        """
        if options["config"]:
            return self._from_file(Path(options["config"]))
        if options["from"]:
            return self._from_options(options["from"], options["to"])
        state = state_directory(options["state-dir"], os.environ)
        demonstration = Demonstration(state, self._reactor, options["ports"])
        demonstration.setServiceParent(self)
        return self._from_data(demonstration.configuration(), "embedded default")

    def _from_file(self, path: Path) -> tuple[Configuration, Load]:
        absolute = path.absolute()
        self._directory = absolute.parent
        configuration = checked_configuration(path, self._registry)
        return configuration, lambda: checked_configuration(absolute, self._registry)

    def _from_options(self, from_: str, to: Sequence[str]) -> tuple[Configuration, Load]:
        """
        @raise RevproxyError: what is wrong is told by the options, as there is no file.
        """
        try:
            return self._from_data(quick_configuration(from_, to), "command line")
        except ConfigurationError as error:
            lines = (f"{quick_option(problem.key)}: {problem.message}" for problem in error.problems)
            raise RevproxyError("\n".join(lines)) from None

    def _from_data(self, data: dict[str, object], name: str) -> tuple[Configuration, Load]:
        def load() -> Configuration:
            return configuration_from(data, self._registry, self._directory, name)

        return load(), load

    @override
    def privilegedStartService(self) -> None:
        """
        Listen.

        @raise NotStarted: where it is not possible.
        """
        try:
            super().privilegedStartService()
        except RevproxyError as error:
            if self._seen:
                print(error, file=self._errors, flush=True)
            else:
                self._log.critical("{error}", error=error)
            raise NotStarted(str(error)) from None

    @override
    def startService(self) -> None:
        self._log.info("revproxy runs {variant}", variant=variant(WHY_SOURCES))
        super().startService()
        self._signals.startService()
        keep_freed_memory()
        settle()

    @override
    def stopService(self) -> Deferred[Any]:
        """
        Stop the proxy, and act on signals until it has stopped: what is under way is
        not cut short by one.
        """
        stopping: Deferred[Any] = super().stopService()
        return stopping.addBoth(lambda _: self._signals.stopService())


def variant(why_sources: str | None) -> str:
    """
    In words for the log, whether the package runs compiled.
    """
    return "compiled" if why_sources is None else f"from its sources: {why_sources}"


def _in_foreground(options: Options) -> bool:
    """
    Whether the operator still sees what is printed once the proxy starts.
    """
    twistd = options.parent
    return twistd is None or bool(twistd["nodaemon"])


def _refused(error: RevproxyError, errors: TextIO) -> SystemExit:
    """
    Tell what is wrong, each error on a line of its own.
    """
    print(error, file=errors, flush=True)
    return SystemExit(1)
