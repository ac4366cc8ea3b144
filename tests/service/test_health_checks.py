"""
Health checks in a running proxy, on a network in memory.
"""

from __future__ import annotations

from typing import Any

from twisted.logger import LogLevel, capturedLogs
from typing_extensions import override

from revproxy.service.proxy import ProxyService
from tests.service.proxies import ProxyTestCase, a_document

CHECK = {
    "type": "http",
    "path": "/healthz",
    "interval": "10s",
    "down_interval": "1s",
    "jitter": "0%",
    "fall": 2,
}

WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
SICK = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


class HealthCheckTests(ProxyTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        self.service = self.proxy(self.document())
        self.service.privilegedStartService()
        self.service.startService()

    def document(self, **check: Any) -> dict[str, Any]:
        servers = ["http://127.0.0.1:9001", "http://127.0.0.1:9002"]
        return a_document(upstreams={"app": {"servers": servers, "health_check": {**CHECK, **check}}})

    def checks(self, port: int) -> int:
        """
        How many times a server was checked.
        """
        return sum(b"/healthz" in each.received for each in self.network.servers(port))

    def answer(self, port: int, answer: bytes, times: int = 1) -> list[str]:
        """
        Wait for the next checks of a server and answer them.  Meanwhile the other is well.

        @return: what is logged meanwhile.
        """
        with capturedLogs() as events:
            for _ in range(times):
                before = self.checks(port)
                while self.checks(port) == before:
                    self.network.advance(0.1)
                    self.be_well(9001 + 9002 - port)
                self.network.servers(port)[-1].send(answer)
        return [
            f"{event['subject']}: {event['event']}: {event['reason']}"
            for event in events
            if event["log_level"] in (LogLevel.info, LogLevel.warn) and "subject" in event
        ]

    def be_well(self, port: int) -> None:
        """
        Answer all checks of a server that wait for it.
        """
        for connection in self.network.servers(port):
            if connection.open and b"/healthz" in connection.received:
                connection.send(WELL)

    def stop(self, proxy: ProxyService) -> None:
        proxy.stopService()
        self.network.turn()

    def test_down_and_up(self) -> None:
        """
        What checks find decides who gets requests, and is logged once.
        """
        lines = self.answer(9001, SICK, 2)
        self.assertEqual(lines, ["http://127.0.0.1:9001: down: 2 checks in a row, the last: status 503"])
        for _ in range(3):
            self.answered(server=9002)
        lines = self.answer(9001, WELL, 2)
        self.assertEqual(lines, ["http://127.0.0.1:9001: up: 2 checks in a row, the last: status 200"])

    def test_connections_of_their_own(self) -> None:
        """
        A check leaves no connection, and is no exchange.
        """
        self.answer(9001, WELL)
        self.network.turn()
        self.assertTrue(all(each.gone for each in self.network.servers(9001)))

    def test_reload(self) -> None:
        """
        A new configuration believes what the old one knew; with the same upstream its
        checks go on, with another one they are the new ones alone.
        """
        self.answer(9001, SICK, 2)
        self.assertTaken(self.service, self.document())
        self.answer(9001, SICK)
        self.assertTaken(self.service, self.document(interval="20s"))
        for _ in range(3):
            self.answered(server=9002)
        self.assertEqual(self.answer(9001, SICK), [])
        lines = self.answer(9001, WELL, 2)
        self.assertEqual(lines, ["http://127.0.0.1:9001: up: 2 checks in a row, the last: status 200"])

    def test_no_longer_checked(self) -> None:
        """
        One that has no checks any more leaves nothing of them.
        """
        self.answer(9001, WELL)
        self.assertTaken(self.service, a_document())
        before = len(self.network.outgoing)
        self.network.pump([1.0] * 60)
        self.assertEqual(len(self.network.outgoing), before)

    def test_stopped(self) -> None:
        """
        Pitfall 44: when the proxy has stopped nothing is left, though a check was running.
        """
        while not self.checks(9001):
            self.network.advance(0.1)
        self.stop(self.service)
        self.assertNothingLeft()
