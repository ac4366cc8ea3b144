from __future__ import annotations

import gc
import os
import resource
import signal
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from traceback import format_exception_only
from typing import Any

from twisted.application.service import IService
from twisted.logger import capturedLogs
from twisted.python.usage import Options as UsageOptions
from twisted.python.usage import UsageError
from typing_extensions import override
from zope.interface.verify import verifyObject

from revproxy.compiled import WHY_SOURCES
from revproxy.tap import NotStarted, Options, ProxyProcess, makeService, variant
from tests.config.files import MINIMAL, FileTestCase
from tests.service.network import Network


class ProcessNetwork(Network):
    """
    Takes calls from signals at once.
    """

    def callFromThread(self, callable: Any, *args: Any, **kwargs: Any) -> None:
        callable(*args, **kwargs)


def parsed(*arguments: str) -> Options:
    options = Options()
    options.parseOptions(list(arguments))
    return options


class OptionsTests(FileTestCase):
    def test_quick_form(self) -> None:
        """
        C{--to} may be repeated.
        """
        options = parsed("--from", "tcp:80", "--to", "http://one:1", "-t", "http://two:2")
        self.assertEqual((options["from"], options["to"]), ("tcp:80", ["http://one:1", "http://two:2"]))

    def test_what_goes_together(self) -> None:
        """
        What makes no sense together is refused.
        """
        for arguments in (
            ["--from", "tcp:80"],
            ["--to", "http://127.0.0.1:1"],
            ["--config", "x", "--from", "tcp:80", "--to", "http://127.0.0.1:1"],
            ["--config", "x", "--ports", "8080,8443"],
            ["--from", "tcp:80", "--to", "http://127.0.0.1:1", "--ports", "8080,8443"],
            ["more"],
        ):
            self.assertRaises(UsageError, parsed, *arguments)

    def test_stray_argument(self) -> None:
        """
        A file without its option is pointed out.
        """
        for arguments, said in (
            (["a.yaml"], "unexpected argument 'a.yaml'; did you mean --config a.yaml?"),
            (["--config", "a.yaml", "b.yaml"], "unexpected argument 'b.yaml'"),
        ):
            self.assertEqual(str(self.assertRaises(UsageError, parsed, *arguments)), said)

    def test_ports(self) -> None:
        """
        The demonstration listens on two ports, which may be others.
        """
        self.assertEqual(parsed()["ports"], (8080, 8443))
        self.assertEqual(parsed("--ports", "9080,9443")["ports"], (9080, 9443))
        for text in (
            "9080",
            "9080,",
            "9080,9443,9444",
            "9080,x",
            "x,9080,9443",
            "0,9443",
            "9080,65536",
            "-1,2",
        ):
            self.assertRaises(UsageError, parsed, f"--ports={text}")

    def test_help(self) -> None:
        """
        The help tells of every option and of the embedded default.
        """
        text = str(Options())
        for word in ("--config", "--from", "--to", "--state-dir", "127.0.0.1:8443"):
            self.assertIn(word, text)


class MakeServiceTests(FileTestCase):
    """
    What C{twistd} gets, and what the operator is told where it gets nothing.
    """

    def refused(self, *arguments: str) -> str:
        errors = StringIO()
        with redirect_stderr(errors), self.assertRaises(SystemExit) as caught:
            makeService(parsed(*arguments))
        self.assertEqual(caught.exception.code, 1)
        return errors.getvalue()

    def test_service(self) -> None:
        """
        A right file gives a service.
        """
        self.path.write_text(MINIMAL)
        verifyObject(IService, makeService(parsed("--config", str(self.path))))

    def test_wrong_file(self) -> None:
        """
        Each error is a line on standard error, the exit status 1: the same lines that
        C{revproxy check} prints.
        """
        tls = "    tls: {certificates: [{certificate: a.pem, key: a.key}]}\n"
        secure = f"  s:\n    endpoint: tcp:1\n{tls}upstreams:"
        self.path.write_text(MINIMAL.replace("upstreams:", secure) + "limit: 1\n")
        for name in ("a.pem", "a.key"):
            self.directory.joinpath(name).write_text("nothing")
        lines = self.refused("--config", str(self.path)).splitlines()
        self.assertEqual(
            [line.removeprefix(f"{self.path}:").partition(" ")[0] for line in lines],
            ["5:27:", "5:47:", "10:1:"],
        )

    def test_quick_form(self) -> None:
        """
        What is wrong with the quick form names the option.
        """
        lines = self.refused("--from", "tcp:x", "--to", "127.0.0.1:9000").splitlines()
        self.assertEqual(sorted(line.partition(": ")[0] for line in lines), ["--from", "--to"])

    def test_state_directory(self) -> None:
        """
        A state directory that cannot be had is told in a line, too.
        """
        self.path.write_text("")
        self.assertIn("cannot be the state directory", self.refused("--state-dir", str(self.path)))


class ProcessTests(FileTestCase):
    """
    The process with its signals, on a network in memory.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(gc.unfreeze)
        self.addCleanup(gc.set_threshold, *gc.get_threshold())
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        for number in (signal.SIGHUP, signal.SIGUSR1):
            self.addCleanup(signal.signal, number, signal.getsignal(number))
        self.addCleanup(os.chdir, Path.cwd())
        self.network = ProcessNetwork()
        self.errors = StringIO()
        self.path.write_text(MINIMAL)

    def process(self, *arguments: str) -> ProxyProcess:
        return ProxyProcess(parsed(*arguments), self.network, self.errors)

    def running(self, *arguments: str) -> ProxyProcess:
        process = self.process(*arguments)
        process.privilegedStartService()
        process.startService()
        return process

    def test_reload(self) -> None:
        """
        SIGHUP reads the file again, wherever the process has gone since.
        """
        os.chdir(self.directory)
        self.running("--config", self.path.name)
        os.chdir("/")
        self.path.write_text(MINIMAL.replace("8080", "8081"))
        signal.raise_signal(signal.SIGHUP)
        self.network.turn()
        self.assertEqual(list(self.network.ports), [8081])

    def test_reload_of_wrong_file(self) -> None:
        """
        A file with errors changes nothing.
        """
        self.running("--config", str(self.path))
        self.path.write_text("listeners: 1")
        signal.raise_signal(signal.SIGHUP)
        self.network.turn()
        self.assertEqual(list(self.network.ports), [8080])

    def test_reload_of_the_quick_form(self) -> None:
        """
        Without a file SIGHUP ends nothing.
        """
        self.running("--from", "tcp:8088", "--to", "http://127.0.0.1:9000")
        signal.raise_signal(signal.SIGHUP)
        self.network.turn()
        self.assertEqual(list(self.network.ports), [8088])

    def test_logs(self) -> None:
        """
        SIGUSR1 opens the access log anew; it is beside the file.
        """
        self.path.write_text(MINIMAL + "access_log: {path: a.log}\n")
        process = self.running("--config", str(self.path))
        self.directory.joinpath("a.log").unlink()
        signal.raise_signal(signal.SIGUSR1)
        self.assertTrue(self.directory.joinpath("a.log").exists())
        process.stopService()

    def test_embedded(self) -> None:
        """
        Without options it listens for HTTP and TLS, and relays to two servers in the
        same process.
        """
        process = self.running("--state-dir", str(self.directory / "state"))
        self.assertEqual(list(self.network.ports), [8080, 8443])
        self.assertEqual(len(self.network.adoptedPorts), 2)
        self.assertTrue(self.directory.joinpath("state", "localhost.pem").exists())
        process.stopService()

    def test_embedded_elsewhere(self) -> None:
        """
        Where its usual ports are in use, it can listen on others.
        """
        process = self.running("--state-dir", str(self.directory / "state"), "--ports", "9080,9443")
        self.assertEqual(list(self.network.ports), [9080, 9443])
        process.stopService()

    def test_variant(self) -> None:
        """
        The log says whether what runs is compiled, and why where it is not.
        """
        with capturedLogs() as logs:
            self.running("--config", str(self.path))
        told = [event["variant"] for event in logs if "variant" in event]
        self.assertEqual(told, [variant(WHY_SOURCES)])
        self.assertEqual(variant(None), "compiled")
        self.assertEqual(variant("nothing is compiled"), "from its sources: nothing is compiled")

    def test_descriptors(self) -> None:
        """
        The process may have as many descriptors open as the system allows it.
        """
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard - 1, hard))
        self.running("--config", str(self.path))
        self.assertEqual(resource.getrlimit(resource.RLIMIT_NOFILE), (hard, hard))

    def test_port_in_use(self) -> None:
        """
        A port in use is one line for the operator, and the exit status 1.
        """
        self.network.broken.add(8080)
        process = self.process("--config", str(self.path))
        with self.assertRaises(SystemExit) as caught:
            process.privilegedStartService()
        self.assertEqual(caught.exception.code, 1)
        line = "listeners.web.endpoint: cannot listen on tcp:8080: Address already in use\n"
        self.assertEqual(self.errors.getvalue(), line)

    def test_port_in_use_of_a_daemon(self) -> None:
        """
        In a daemon nobody would see the line: it is in the log, and C{twistd} gets it to
        hand on, as what it takes for a failure and ends without a traceback.
        """
        self.network.broken.add(8080)
        options = parsed("--config", str(self.path))
        options.parent = UsageOptions()
        options.parent["nodaemon"] = False
        process = ProxyProcess(options, self.network, self.errors)
        with capturedLogs() as events, self.assertRaises(NotStarted) as caught:
            process.privilegedStartService()
        line = "listeners.web.endpoint: cannot listen on tcp:8080: Address already in use"
        self.assertEqual([str(event["error"]) for event in events if "error" in event], [line])
        self.assertEqual(self.errors.getvalue(), "")
        self.assertIsInstance(caught.exception, Exception)
        self.assertIsInstance(caught.exception, SystemExit)
        self.assertEqual(caught.exception.code, 1)
        self.assertEqual(format_exception_only(caught.exception)[-1], f"{line}\n")

    def test_signals_until_the_end(self) -> None:
        """
        As long as connections drain, signals are not left to their default, which
        would kill; afterwards they are as before.
        """
        before = signal.getsignal(signal.SIGHUP)
        process = self.running("--config", str(self.path))
        client = self.network.client(8080)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        process.stopService()
        self.assertNotEqual(signal.getsignal(signal.SIGHUP), before)
        signal.raise_signal(signal.SIGHUP)
        client.leave()
        self.network.turn(0, 0.1)
        self.assertEqual(signal.getsignal(signal.SIGHUP), before)
