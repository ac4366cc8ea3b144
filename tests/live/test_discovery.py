"""
Servers that come and go, as a real name server and a real file say.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.live.hospital import Load
from tests.live.name_server import NameServer
from tests.live.origin import Where, start_origin
from tests.live.programs import BIN, eventually, free_port, get, new_directory, run
from tests.live.proxy import Proxy, relaying

ONE, TWO, THREE = "127.0.0.1", "127.0.0.2", "127.0.0.3"


class DiscoveryCase(SynchronousTestCase):
    """
    Servers at one port of several addresses.

    @ivar port: theirs.
    """

    proxy: Proxy

    @override
    def setUp(self) -> None:
        self.port = free_port()
        for address in (ONE, TWO, THREE):
            start_origin(self, Where, address, self.port)

    def asked(self, times: int = 6) -> set[str]:
        """
        The servers that answer some requests.
        """
        answers = [get(self.proxy.port()) for _ in range(times)]
        self.assertEqual({answer.status for answer in answers}, {200})
        return {answer.body.decode() for answer in answers}

    def await_servers(self, *addresses: str) -> None:
        """
        Wait until these answer and no others.
        """
        eventually(lambda: self.asked() == set(addresses) or None, f"answers of {addresses}")

    def await_line(self, part: str) -> None:
        """
        Wait until the log has a line.
        """
        eventually(lambda: part in self.proxy.program.output() or None, f"{part} in the log")

    def assertNoneFails(self, step: Callable[[], None]) -> None:
        """
        Do something under load, of which no request must fail.
        """
        load = Load(self.proxy.port(), 4)
        try:
            time.sleep(0.3)
            step()
        finally:
            report = load.report()
        self.assertNotRegex(report, r"Non-2xx|Socket errors")
        self.assertRegex(report, r"[1-9]\d* requests in")


class NameTests(DiscoveryCase):
    """
    Names that a name server knows.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.names = NameServer(self)

    def start(self, *servers: str, reactor: str | None = None, **more: Any) -> None:
        resolve = {"by": "dns", "nameservers": [self.names.address], "least_ttl": "200ms", "timeout": "1s"}
        self.proxy = Proxy(self, relaying(*servers, resolve=resolve, **more), reactor=reactor)

    def await_questions(self, number: int) -> None:
        """
        Wait until the name server has been asked so many times.
        """
        eventually(lambda: self.names.asked("app.test") > number or None, "more look-ups")

    def test_under_load(self) -> None:
        """
        Servers of a name come and go by its time to live, and no request fails.
        """
        self.names.say("app.test", A=[ONE])
        self.start(f"http://app.test:{self.port}")
        self.await_servers(ONE)

        def change() -> None:
            for addresses in ([ONE, TWO], [TWO, THREE], [THREE]):
                self.names.say("app.test", A=addresses)
                self.await_servers(*addresses)

        self.assertNoneFails(change)

    def test_service(self) -> None:
        """
        Targets of a service are used by their priorities, and weights count within one.
        """
        self.names.say(
            "_app._tcp.test",
            SRV=[[1, 3, self.port, "a.test"], [1, 1, self.port, "b.test"], [2, 0, self.port, "c.test"]],
        )
        for name, address in (("a.test", ONE), ("b.test", TWO), ("c.test", THREE)):
            self.names.say(name, A=[address])
        self.start("srv+http://_app._tcp.test")
        bodies = [get(self.proxy.port()).body.decode() for _ in range(8)]
        self.assertEqual((bodies.count(ONE), bodies.count(TWO)), (6, 2))
        self.names.say("_app._tcp.test", SRV=[[2, 0, self.port, "c.test"]])
        self.await_servers(THREE)

    def test_large_answer(self) -> None:
        """
        An answer that does not fit into a datagram is asked for by TCP.
        """
        self.names.say("app.test", A=[f"127.0.1.{number}" for number in range(1, 60)] + [ONE])
        self.start(f"http://app.test:{self.port}")
        self.await_line(f"at 127.0.1.59:{self.port}: joined")
        self.assertEqual(self.proxy.program.output().count(": joined: app.test was looked up"), 60)

    def test_ipv6(self) -> None:
        """
        Addresses of both versions of IP are servers.
        """
        start_origin(self, Where, "::1", self.port)
        self.names.say("app.test", A=[TWO], AAAA=["::1"])
        self.start(f"http://app.test:{self.port}")
        self.await_servers(TWO, "::1")

    def test_alias(self) -> None:
        """
        A name may be an alias of another, and has the servers of that.
        """
        self.names.say("app.test", CNAME=["b.test"])
        self.names.say("b.test", A=[TWO])
        self.start(f"http://app.test:{self.port}")
        self.await_servers(TWO)

    def test_failures(self) -> None:
        """
        Whatever becomes of the name, or of the name server, the last answer stays.
        """
        self.names.say("app.test", A=[ONE])
        self.start(f"http://app.test:{self.port}")
        self.await_servers(ONE)
        self.names.forget("app.test")
        self.await_line(
            "app.test: look-up-failed: there is no such name, or it has no address; what was known stays"
        )
        self.names.say("app.test", A=[TWO])
        self.await_servers(TWO)
        self.await_line("app.test: looked-up-again")
        self.names.fail("app.test")
        eventually(
            lambda: self.proxy.program.output().count("look-up-failed") == 2 or None, "a second failure"
        )
        self.names.stop()
        time.sleep(2.0)
        self.assertEqual(self.asked(), {TWO})
        self.assertEqual(self.proxy.program.output().count("look-up-failed"), 2)

    def test_rebinding(self) -> None:
        """
        Pitfall 39: a name that comes to lead to a forbidden address leads nowhere new, and
        under load no request notices.
        """
        self.names.say("app.test", A=[ONE])
        self.start(f"http://app.test:{self.port}", forbid=["127.0.0.2/32"])
        self.await_servers(ONE)

        def change() -> None:
            for addresses in ([TWO], [TWO, THREE]):
                self.names.say("app.test", A=addresses)
                time.sleep(1.1)
            self.names.say("app.test", AAAA=[f"::ffff:{TWO}"])
            time.sleep(1.1)

        self.assertNoneFails(change)
        self.await_line(f"app.test: refused: {TWO} is forbidden: it is in 127.0.0.2/32")
        self.assertEqual(self.asked(), {THREE})

    def test_before_the_first_answer(self) -> None:
        """
        The proxy listens before any name is known, and requests wait for the answer.
        """
        self.names.stop()
        self.start(f"http://app.test:{self.port}", connections={"queue_timeout": "500ms"})
        self.assertEqual(get(self.proxy.port()).status, 503)

    def test_nobody_to_ask(self) -> None:
        """
        Where there is no name server that is known at once, whichever reactor runs.
        """
        self.names.stop()
        for reactor in (None, "epoll"):
            self.start("http://app.test", reactor=reactor, connections={"queue_timeout": "30s"})
            self.assertEqual(get(self.proxy.port()).status, 503)
            self.await_line("look-up-failed: name server 127.0.0.1 is not to be reached: ")
            self.assertIn("Connection refused", self.proxy.program.output())

    def test_nothing_is_left(self) -> None:
        """
        Pitfall 44: of many look-ups, whatever becomes of them, no descriptor is left.
        """
        self.names.say("app.test", ttl=0, A=[ONE])
        self.names.say("large.test", ttl=0, A=[f"127.0.1.{number}" for number in range(1, 60)])
        self.start("http://app.test", "http://large.test")
        self.await_line("127.0.1.59")
        before = self.proxy.descriptors()
        for change in (
            lambda: self.names.fail("app.test"),
            lambda: self.names.say("app.test", ttl=0, A=[ONE]),
        ):
            asked = self.names.asked("app.test")
            change()
            self.await_questions(asked + 10)
        eventually(lambda: self.proxy.descriptors() <= before or None, "descriptors to be closed")

    def test_told_to_reload(self) -> None:
        """
        Names are looked up at once when the proxy is told to reload.
        """
        self.names.say("app.test", ttl=3600, A=[ONE])
        self.start(f"http://app.test:{self.port}")
        self.await_servers(ONE)
        self.names.say("app.test", A=[TWO])
        self.assertEqual(self.asked(), {ONE})
        self.proxy.reload()
        self.await_servers(TWO)

    def test_stop_while_looking(self) -> None:
        """
        Pitfall 44: a look-up that goes on does not keep the proxy from ending.
        """
        self.names.say("app.test", A=[ONE])
        self.start(f"http://app.test:{self.port}")
        self.await_servers(ONE)
        os.kill(self.names.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.names.pid, signal.SIGCONT)
        time.sleep(1.2)
        self.assertEqual(self.proxy.program.stop(), 0)
        self.assertNotIn("Traceback", self.proxy.program.output())


class SystemTests(DiscoveryCase):
    """
    Names that the system knows.
    """

    def test_localhost(self) -> None:
        """
        localhost is one server, whichever of its addresses that listens at.
        """
        self.proxy = Proxy(self, relaying(f"http://localhost:{self.port}"))
        self.assertEqual(self.asked(), {ONE})
        port = free_port()
        start_origin(self, Where, "::1", port)
        self.proxy = Proxy(self, relaying(f"http://localhost:{port}"))
        self.assertEqual(self.asked(), {"::1"})

    def test_name_of_this_machine(self) -> None:
        """
        A name of /etc/hosts, as that of this machine mostly is, is found by either way.
        """
        port = free_port()
        start_origin(self, Where, "0.0.0.0", port)
        for by in ("system", "dns"):
            resolve = {"by": by, "family": "ipv4"}
            self.proxy = Proxy(self, relaying(f"http://{socket.gethostname()}:{port}", resolve=resolve))
            self.assertEqual(self.asked(), {socket.gethostbyname(socket.gethostname())})


class FileTests(DiscoveryCase):
    """
    Servers in a file of their own.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        self.directory = new_directory(self)
        self.file = self.directory / "servers.yaml"
        self.write(ONE)
        document = relaying()
        document["upstreams"]["app"]["servers"] = [{"file": "servers.yaml", "reload_interval": "100ms"}]
        self.proxy = Proxy(self, document, self.directory)

    def write(self, *addresses: str) -> None:
        """
        Replace the file, as editors and programs do.
        """
        new = self.file.with_suffix(".new")
        new.write_text("".join(f"- http://{address}:{self.port}\n" for address in addresses))
        os.replace(new, self.file)

    def test_under_load(self) -> None:
        """
        A file that changes is taken over, be it wrong meanwhile or not there; no request
        fails.
        """

        def change() -> None:
            self.write(ONE, TWO)
            self.await_servers(ONE, TWO)
            self.file.write_text("- htp://127.0.0.1\n- {url: http://127.0.0.1, weight: x}\n")
            self.await_line(f"{self.file}:2:27: 1.weight: must be a whole number")
            self.file.unlink()
            self.await_line(f"{self.file}:1:1: (file): cannot be read: No such file or directory")
            self.write(THREE)
            self.await_servers(THREE)

        self.assertNoneFails(change)
        self.assertEqual(self.proxy.program.output().count("file-refused"), 2)

    def test_check(self) -> None:
        """
        The file is checked with the main file, and neither is taken up while it is wrong.
        """
        self.file.write_text("- 5\n")
        with self.assertRaises(AssertionError) as caught:
            run([BIN / "revproxy", "check", "revproxy.yaml"], self.directory)
        self.assertIn(f"{self.file}:1:3: 0: must be a mapping, not 5", str(caught.exception))
        self.proxy.reload()
        self.await_line("the configuration stays as it was")
        self.assertEqual(self.asked(), {ONE})
