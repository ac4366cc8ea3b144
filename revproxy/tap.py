"""
C{twistd revproxy}: the only place that touches the global reactor.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.python.usage import Options as UsageOptions
from twisted.python.usage import UsageError
from typing_extensions import override

from revproxy import catalog
from revproxy.config.configuration import Configuration
from revproxy.config.load import configuration_from, load_configuration
from revproxy.edge.turn import TurnWriter
from revproxy.embedded import quick_configuration, state_directory
from revproxy.errors import RevproxyError
from revproxy.service.context import Workshop
from revproxy.service.demonstration import Demonstration
from revproxy.service.proxy import ProxyService


class Options(UsageOptions):
    """
    The options of C{twistd revproxy}.
    """

    synopsis = "[--config FILE | --from ENDPOINT --to URL ...]"
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
    def postOptions(self) -> None:
        if bool(self["from"]) != bool(self["to"]):
            raise UsageError("--from and --to go together")
        if self["config"] and self["from"]:
            raise UsageError("--config and --from exclude each other")


def makeService(options: Options) -> IService:
    """
    Build the proxy that the options ask for; nothing is listened on yet.

    @raise SystemExit: with status 1, after each error was printed on a line.
    """
    from twisted.internet import reactor

    try:
        return _Main(options, reactor)
    except RevproxyError as error:
        raise _refused(error) from None


class _Main(MultiService):
    """
    The proxy, and the process that it runs in.
    """

    def __init__(self, options: Options, reactor: Any) -> None:
        super().__init__()
        self._reactor = reactor
        self._registry = catalog.registry()
        self._load = self._loader(options)
        directory = Path(options["config"]).absolute().parent if options["config"] else Path.cwd()
        workshop = Workshop(reactor, self._registry, directory, TurnWriter(reactor))
        self._proxy = ProxyService(self._load(), workshop)
        self._proxy.setServiceParent(self)

    def _loader(self, options: Options) -> Callable[[], Configuration]:
        """
        @return: what gives the configuration, now and whenever it is asked for again.
        """
        if options["config"]:
            path = Path(options["config"])
            return lambda: load_configuration(path, self._registry)
        if options["from"]:
            data = quick_configuration(options["from"], options["to"])
            return lambda: configuration_from(data, self._registry, Path.cwd(), "command line")
        demonstration = Demonstration(state_directory(options["state-dir"], os.environ), self._reactor)
        demonstration.setServiceParent(self)
        data = demonstration.configuration()
        return lambda: configuration_from(data, self._registry, Path.cwd(), "embedded default")

    @override
    def privilegedStartService(self) -> None:
        try:
            super().privilegedStartService()
        except RevproxyError as error:
            raise _refused(error) from None

    @override
    def startService(self) -> None:
        super().startService()
        self._on_signal("SIGHUP", lambda: self._proxy.reload(self._load))
        self._on_signal("SIGUSR1", self._proxy.reopen_logs)
        gc.collect()
        gc.freeze()

    def _on_signal(self, name: str, act: Callable[[], object]) -> None:
        """
        Act on a signal in the reactor, beside whoever listened to it before.
        """
        number = getattr(signal, name)
        before = signal.getsignal(number)

        def caught(number: int, frame: FrameType | None) -> None:
            if callable(before):
                before(number, frame)
            self._reactor.callFromThread(act)

        signal.signal(number, caught)


def _refused(error: RevproxyError) -> SystemExit:
    """
    Tell what is wrong where the operator looks, not through the log.
    """
    print(error, file=sys.__stderr__)
    return SystemExit(1)
