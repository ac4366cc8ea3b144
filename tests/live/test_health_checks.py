"""
Servers that fall ill and recover, as the proxy's checks find out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.certificates import Authority
from tests.live.checked_origin import CheckedOrigin
from tests.live.programs import eventually, get, new_directory
from tests.live.proxy import Proxy, relaying

QUICK = {"interval": "100ms", "down_interval": "100ms", "timeout": "2s", "rise": 2, "fall": 3}

HTTP = {**QUICK, "type": "http", "path": "/healthz"}

_LINE = re.compile(r"upstream app: (\S+): (up|down): (.+)")


class CheckedCase(SynchronousTestCase):
    """
    A proxy before some origins.
    """

    proxy: Proxy

    def start(self, *origins: CheckedOrigin, reactor: str | None = None, **upstream: Any) -> None:
        """
        Start the proxy.

        @param upstream: options of the upstream, its health check first of all.
        """
        document = relaying(*(origin.url for origin in origins), **upstream)
        document["access_log"] = {"format": "combined", "path": "access.log"}
        self.proxy = Proxy(self, document, reactor=reactor)

    def told(self, origin: CheckedOrigin) -> list[tuple[str, str]]:
        """
        What was logged of changes of an origin's state: what it became, and why.
        """
        found = _LINE.findall(self.proxy.program.output())
        return [(event, reason) for url, event, reason in found if url == origin.url]

    def becomes(self, origin: CheckedOrigin, *events: str) -> str:
        """
        Wait until these changes were logged.

        @return: the reason of the last.
        """

        def seen() -> str | None:
            told = self.told(origin)
            return told[-1][1] if [event for event, _ in told] == list(events) else None

        return eventually(seen, f"{origin.url} to become {events}")

    def answering(self) -> set[bytes]:
        """
        Who answers requests.
        """
        return {get(self.proxy.port()).body for _ in range(8)}


class SickTests(CheckedCase):
    """
    Two origins, the first of which falls ill.
    """

    reactor: str | None = None

    @override
    def setUp(self) -> None:
        self.one, self.two = CheckedOrigin(self), CheckedOrigin(self, "two")
        self.start(self.one, self.two, reactor=self.reactor, health_check=HTTP)
        self.assertEqual(self.answering(), {b"one", b"two"})

    def test_sick(self) -> None:
        """
        One that says that it is not well gets nothing until it is well again.  Each change
        is one line, with its reason.
        """
        self.one.health = 503
        self.assertEqual(self.becomes(self.one, "down"), "3 checks in a row, the last: status 503")
        self.assertEqual(self.answering(), {b"two"})
        self.one.health = 204
        self.assertEqual(self.becomes(self.one, "down", "up"), "2 checks in a row, the last: status 204")
        self.assertEqual(self.answering(), {b"one", b"two"})
        self.assertEqual(self.told(self.two), [])

    def test_gone_and_back(self) -> None:
        """
        So does one that is gone, as long as it is.
        """
        self.one.stop()
        reason = self.becomes(self.one, "down")
        self.assertEqual(reason, "3 checks in a row, the last: Connection refused")
        self.assertEqual(self.answering(), {b"two"})
        self.one.start()
        self.becomes(self.one, "down", "up")
        self.assertEqual(self.answering(), {b"one", b"two"})

    def test_apart_from_exchanges(self) -> None:
        """
        Checks are no exchanges: they stand in no access log, and are on connections of
        their own, which they close.
        """
        eventually(lambda: len(self.one.probes) > 5 or None, "some checks")
        self.assertEqual({probe["connection"] for probe in self.one.probes}, {"close"})
        get(self.proxy.port(), "/seen")
        log = Path(self.proxy.directory, "access.log")
        eventually(lambda: "/seen" in log.read_text() or None, "the line of a request")
        self.assertNotIn("healthz", log.read_text())

    def test_nothing_is_left(self) -> None:
        """
        Pitfall 44: however many checks there were, no descriptor is left of them.
        """
        self.one.health = 503
        self.becomes(self.one, "down")
        before = self.proxy.descriptors()
        seen = len(self.one.probes)
        eventually(lambda: len(self.one.probes) > seen + 20 or None, "more checks")
        eventually(lambda: self.proxy.descriptors() <= before or None, "as few descriptors as before")


class SickOnEpollTests(SickTests):
    """
    The same on Twisted's own reactor.
    """

    reactor = "epoll"


class KindsTests(CheckedCase):
    """
    How servers are connected to, and what is known at the beginning.
    """

    def test_initially_down(self) -> None:
        """
        Where servers are taken for down, none gets anything before it was found well.
        """
        one = CheckedOrigin(self)
        one.health = 500
        self.start(one, health_check={**HTTP, "initial": "down"})
        self.assertEqual(self.becomes(one, "down"), "the first check: status 500")
        self.assertEqual(get(self.proxy.port()).status, 503)
        one.health = 200
        self.becomes(one, "down", "up")
        self.assertEqual(get(self.proxy.port()), (200, b"one"))

    def test_unix(self) -> None:
        """
        Servers behind UNIX sockets are checked, too.
        """
        one = CheckedOrigin(self, path=str(new_directory(self) / "app.sock"))
        self.start(one, health_check={**HTTP, "initial": "down"})
        self.becomes(one, "up")
        self.assertEqual(get(self.proxy.port()), (200, b"one"))
        self.assertEqual(one.probes[0]["host"], "localhost")

    def test_host(self) -> None:
        """
        They are asked for the host that exchanges ask for, where that is one.
        """
        one = CheckedOrigin(self)
        self.start(one, health_check={**HTTP, "initial": "down"}, host="app.test")
        self.becomes(one, "up")
        self.assertEqual(one.probes[0]["host"], "app.test")

    def test_secrets(self) -> None:
        """
        Pitfall 43: what a check sends may be a secret, and is in no line of the log.
        """
        one = CheckedOrigin(self)
        self.start(one, health_check={**HTTP, "headers": {"Authorization": "Bearer s3cret"}})
        one.health = 401
        self.becomes(one, "down")
        one.stop()
        one.health = 200
        one.start()
        self.becomes(one, "down", "up")
        self.assertEqual(one.probes[0]["authorization"], "Bearer s3cret")
        self.assertNotIn("s3cret", self.proxy.program.output())


class SecureTests(CheckedCase):
    """
    Servers that speak TLS.
    """

    @override
    def setUp(self) -> None:
        self.authority = Authority(new_directory(self))

    def check(self, name: str, **check: Any) -> CheckedOrigin:
        """
        Check an origin that has a certificate for a name, and is known by its address.
        """
        one = CheckedOrigin(self, pair=self.authority.issue([name]))
        tls = {"ca": str(self.authority.certificate)}
        self.start(one, health_check={**QUICK, "initial": "down", **check}, tls=tls)
        return one

    def test_right_certificate(self) -> None:
        """
        One with the right certificate is well if it says so.
        """
        one = self.check("127.0.0.1", type="http", path="/healthz")
        self.assertEqual(self.becomes(one, "up"), "2 checks in a row, the last: status 200")
        self.assertEqual(get(self.proxy.port()), (200, b"one"))

    def test_right_certificate_alone(self) -> None:
        """
        Where nothing is asked the handshake is enough.
        """
        one = self.check("127.0.0.1", type="tcp")
        self.assertEqual(self.becomes(one, "up"), "2 checks in a row, the last: connected")

    def test_wrong_certificate(self) -> None:
        """
        One with the certificate of another is down, and the log says why.
        """
        for kind in ("http", "tcp"):
            one = self.check("other.test", type=kind)
            reason = self.becomes(one, "down")
            self.assertEqual(reason, "the first check: the certificate of 127.0.0.1 is for other names only")
            self.assertEqual(get(self.proxy.port()).status, 503)
