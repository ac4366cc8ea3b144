"""
Tests of L{revproxy.operate.formats}.
"""

from __future__ import annotations

import re
from json import loads
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IAccessLogFormatter
from zope.interface.verify import verifyObject

from revproxy.errors import UpstreamRefused
from revproxy.operate.formats import (
    Timestamp,
    combined_format,
    combined_line,
    escaped,
    json_format,
    json_line,
)
from revproxy.registry import Environment, Settings
from tests.operate.exchanges import finished_exchange

MOMENT = 1_800_000_000.25
STANDARD = "[15/Jan/2027:08:00:00 +0000]"

COMBINED = re.compile(
    r'\S+ - - \[[^]]+\] "[^"\\]*(?:\\x[0-9A-F]{2}[^"\\]*)*" \d{3} \d+'
    r'( "[^"\\]*(?:\\x[0-9A-F]{2}[^"\\]*)*"){2} rt=\S+ ttfb=\S+ upstream="[^"]*" tries=\d+'
)
"""
What a program that reads the format goes by.
"""


class TimestampTests(SynchronousTestCase):
    def test_text(self) -> None:
        """
        It is the text that access logs have, and knows its moment's fraction.
        """
        timestamp = Timestamp(MOMENT)
        self.assertEqual(timestamp, STANDARD)
        self.assertEqual(timestamp.moment, MOMENT)


class EscapedTests(SynchronousTestCase):
    def test_plain(self) -> None:
        """
        What is printable ASCII stays as it is, quotes and backslashes apart.
        """
        kept = bytes(code for code in range(0x20, 0x7F) if code not in b'"\\')
        self.assertEqual(escaped(kept), kept.decode())

    def test_special(self) -> None:
        """
        Quotes, backslashes, controls and what is not ASCII are written as nginx does.
        """
        self.assertEqual(escaped(b'a"b\\c\r\n\x7f\xc3\xa9'), r"a\x22b\x5Cc\x0D\x0A\x7F\xC3\xA9")

    @given(st.binary())
    def test_can_be_undone(self, value: bytes) -> None:
        """
        No two values are written alike.
        """
        undone = re.sub(r"\\x(..)", lambda found: chr(int(found[1], 16)), escaped(value))
        self.assertEqual(undone.encode("latin-1"), value)


class CombinedLineTests(SynchronousTestCase):
    def test_line(self) -> None:
        """
        The line is Apache's combined one with times, server and tries at its end.
        """
        exchange = finished_exchange(
            (b"referer", b"https://example.com/"), (b"user-agent", b"curl/7.88"), target=b"/a", query=b"b=c"
        )
        self.assertEqual(
            combined_line(STANDARD, exchange),
            f'203.0.113.7 - - {STANDARD} "GET /a?b=c HTTP/1.1" 200 1024 "https://example.com/" "curl/7.88"'
            ' rt=0.123 ttfb=0.100 upstream="http://10.0.0.1:8001" tries=1',
        )

    def test_unknown(self) -> None:
        """
        What is not known is a dash; a client that left before the response is a 499.
        """
        exchange = finished_exchange()
        exchange.client = ""
        exchange.response = exchange.server = exchange.first_byte = exchange.ended = None
        exchange.tries = exchange.body_sent = 0
        self.assertEqual(
            combined_line(STANDARD, exchange),
            f'- - - {STANDARD} "GET /a HTTP/1.1" 499 0 "-" "-" rt=- ttfb=- upstream="-" tries=0',
        )

    def test_reason(self) -> None:
        """
        Where the proxy answered itself, the line ends with why, in quotes that cannot be
        left.
        """
        exchange = finished_exchange()
        exchange.error = UpstreamRefused('refused "so"\nX')
        line = combined_line(STANDARD, exchange)
        self.assertTrue(line.endswith(' tries=1 error="UpstreamRefused: refused \\x22so\\x22\\x0AX"'), line)

    @given(st.binary(), st.binary(), st.binary(), st.text())
    def test_no_injection(self, target: bytes, referer: bytes, agent: bytes, client: str) -> None:
        """
        Whatever a client sends, the line is one line with the same parts.
        """
        exchange = finished_exchange((b"referer", referer), (b"user-agent", agent), target=target)
        exchange.client = client
        self.assertRegex(combined_line(STANDARD, exchange), re.compile(f"^(?:{COMBINED.pattern})\\Z"))

    def test_no_secrets(self) -> None:
        """
        Pitfall 43: credentials in fields are in no line.
        """
        fields = [(name, b"s3cret") for name in (b"authorization", b"cookie", b"proxy-authorization")]
        exchange = finished_exchange(*fields)
        for line in (combined_line, json_line):
            self.assertNotIn("s3cret", line(STANDARD, exchange))


class JsonLineTests(SynchronousTestCase):
    def test_line(self) -> None:
        """
        The line is one object with all that is known.
        """
        exchange = finished_exchange((b"referer", b"https://a/"), (b"user-agent", b"curl"), query=b"b=c")
        exchange.why.append("route example.com/: upstream app")
        line = json_line(Timestamp(MOMENT), exchange)
        self.assertEqual(
            loads(line),
            {
                "time": "2027-01-15T08:00:00.250+00:00",
                "client": "203.0.113.7",
                "peer": "127.0.0.1",
                "listener": "secure",
                "method": "GET",
                "scheme": "https",
                "host": "example.com",
                "target": "/a?b=c",
                "protocol": "HTTP/1.1",
                "status": 200,
                "body_sent": 1024,
                "referer": "https://a/",
                "user_agent": "curl",
                "upstream": "http://10.0.0.1:8001",
                "tries": 1,
                "time_to_first_byte": 0.1,
                "duration": 0.123,
                "error": None,
                "why": ["route example.com/: upstream app"],
            },
        )

    def test_unknown(self) -> None:
        """
        What is not known is null.
        """
        exchange = finished_exchange()
        exchange.response = exchange.server = exchange.first_byte = exchange.ended = None
        said = loads(json_line(Timestamp(MOMENT), exchange))
        unknown = {key for key, value in said.items() if value is None}
        self.assertEqual(
            unknown, {"referer", "user_agent", "upstream", "time_to_first_byte", "duration", "error"}
        )
        self.assertEqual(said["status"], 499)

    def test_error(self) -> None:
        """
        What ended the exchange is named; its message is for the process's log.
        """
        exchange = finished_exchange()
        exchange.error = UpstreamRefused("10.0.0.1 port 8001")
        line = json_line(Timestamp(MOMENT), exchange)
        self.assertEqual(loads(line)["error"], "UpstreamRefused")
        self.assertNotIn("port 8001", line)

    def test_plain_timestamp(self) -> None:
        """
        A time that comes as plain text is handed on.
        """
        self.assertEqual(loads(json_line(STANDARD, finished_exchange()))["time"], STANDARD)

    @given(st.binary(), st.binary())
    def test_no_injection(self, target: bytes, agent: bytes) -> None:
        """
        Whatever a client sends, the line is one line of ASCII that gives it back.
        """
        line = json_line(STANDARD, finished_exchange((b"user-agent", agent), target=target))
        self.assertTrue(line.isascii())
        self.assertEqual(line.splitlines(), [line])
        self.assertEqual(loads(line)["user_agent"].encode("latin-1"), agent)
        self.assertEqual(loads(line)["target"].encode("latin-1"), target)


class ComponentTests(SynchronousTestCase):
    def test_interface(self) -> None:
        """
        Both components are formatters as Twisted has them.
        """
        environment = Environment(Clock(), Random(1), Path())
        for make, line in ((combined_format, combined_line), (json_format, json_line)):
            made = make(Settings(), environment)
            self.assertTrue(verifyObject(IAccessLogFormatter, made))
            self.assertIs(made, line)
