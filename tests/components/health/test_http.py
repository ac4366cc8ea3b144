from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.components.health.http import HttpCheck, HttpCheckSettings, http_check
from revproxy.errors import Unhealthy
from revproxy.registry import Environment
from revproxy.testing import StandInTarget, TalkingHealthCheckerContract
from tests.components.health.checks import CheckFileTestCase

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class HttpCheckContractTests(TalkingHealthCheckerContract, SynchronousTestCase):
    healthy_answer = OK

    @override
    def make_checker(self) -> HttpCheck:
        return HttpCheck()


class HttpCheckTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.target = StandInTarget()

    def asked(self, **options: Any) -> list[bytes]:
        """
        The lines of the request.
        """
        HttpCheck(**options).check(self.target)
        head, end, rest = self.target.accept().heard.partition(b"\r\n\r\n")
        self.assertEqual((end, rest), (b"\r\n\r\n", b""))
        return head.split(b"\r\n")

    def test_request(self) -> None:
        """
        A request has all that it needs, and ends its connection.
        """
        self.assertEqual(
            self.asked(),
            [
                b"GET / HTTP/1.1",
                b"host: 127.0.0.1:8001",
                b"user-agent: revproxy-health-check",
                b"accept: */*",
                b"connection: close",
            ],
        )

    def test_chosen(self) -> None:
        """
        Method, path, host and fields are as they were chosen.
        """
        lines = self.asked(
            method=b"HEAD", path=b"/a?b=c", host=b"app.test", headers={b"accept": b"a/b", b"x-a": b"1"}
        )
        self.assertEqual(lines[:2], [b"HEAD /a?b=c HTTP/1.1", b"host: app.test"])
        self.assertIn(b"accept: a/b", lines)
        self.assertIn(b"x-a: 1", lines)
        self.assertEqual(len(lines), 6)

    def test_port(self) -> None:
        """
        Another port than the server's own may be asked.
        """
        self.asked(port=9001)
        self.assertEqual(self.target.ports, [9001])

    def test_secure(self) -> None:
        """
        Over TLS nothing is said before the server was verified.
        """
        checking = HttpCheck().check(self.target)
        connection = self.target.accept(secure=True)
        self.assertEqual(connection.heard, b"")
        connection.shake_hands()
        connection.say(OK)
        self.assertEqual(self.successResultOf(checking), "status 200")

    def test_redirect(self) -> None:
        """
        Redirects are not followed: they are an answer as any other.
        """
        checking = HttpCheck().check(self.target)
        self.target.accept().say(b"HTTP/1.1 302 Found\r\nLocation: http://other.test/\r\n\r\n")
        self.assertEqual(self.successResultOf(checking), "status 302")
        self.assertEqual(len(self.target.ports), 1)

    def test_not_waited_for(self) -> None:
        """
        The body is not waited for where nothing is looked for in it.
        """
        checking = HttpCheck().check(self.target)
        connection = self.target.accept()
        connection.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        self.assertEqual(self.successResultOf(checking), "status 200")
        self.assertFalse(connection.open)

    def test_too_late(self) -> None:
        """
        Of an answer that comes too late it is told how much there was.
        """
        checking = HttpCheck().check(self.target)
        self.target.accept().say(b"HTTP/1.1 200 OK\r\n")
        checking.cancel()
        said = str(self.failureResultOf(checking, Unhealthy).value)
        self.assertEqual(said, "too late: the head did not come to an end")

    def test_what_comes_behind(self) -> None:
        """
        What comes once it is decided changes nothing.
        """
        checking = HttpCheck().check(self.target)
        connection = self.target.accept()
        connection.say(OK)
        connection.disconnecting = False
        connection.say(b"garbage")
        connection.reset()
        self.assertEqual(self.successResultOf(checking), "status 200")


class HttpCheckSettingsTests(CheckFileTestCase):
    def checked(self, written: str, answer: bytes) -> str:
        """
        What a check finds that is written so.
        """
        settings = self.settings(HttpCheckSettings, f"http, {written}")
        checker = http_check(settings, Environment(Clock(), Random(0), Path("/")))
        assert isinstance(checker, HttpCheck)
        target = StandInTarget()
        checking = checker.check(target)
        target.accept().say(answer)
        seen: list[object] = []
        checking.addCallbacks(seen.append, lambda failure: seen.append(failure.value))
        return str(seen[0])

    def test_defaults(self) -> None:
        """
        Nothing has to be said but the type.
        """
        settings = self.settings(HttpCheckSettings, "http")
        self.assertEqual((settings.method, settings.path, settings.host), ("GET", b"/", None))
        self.assertEqual(settings.statuses, [range(200, 400)])

    def test_statuses(self) -> None:
        """
        Statuses are numbers and ranges.
        """
        for status, found in {200: True, 204: False, 300: True, 302: True, 303: False}.items():
            seen = self.checked("statuses: [200, 300-302]", b"HTTP/1.1 %d \r\n\r\n" % status)
            self.assertEqual(seen, f"status {status}")
            self.assertEqual(self.well("statuses: [200, 300-302]", status), found)

    def well(self, written: str, status: int) -> bool:
        settings = self.settings(HttpCheckSettings, f"http, {written}")
        return any(status in statuses for statuses in settings.statuses)

    def test_pattern(self) -> None:
        """
        A pattern is Python's.
        """
        seen = self.checked(
            'pattern: \'(?i)"db":\\s*"ok\'', b'HTTP/1.0 200 \r\nContent-Length: 11\r\n\r\n{"DB": "OK"'
        )
        self.assertEqual(seen, "status 200, and the pattern is in the body")

    def test_path(self) -> None:
        """
        A path may have a query; * is for OPTIONS.
        """
        self.assertEqual(self.settings(HttpCheckSettings, "http, path: /a?b=%20c").path, b"/a?b=%20c")
        self.assertEqual(self.settings(HttpCheckSettings, "http, method: OPTIONS, path: '*'").path, b"*")

    def test_wrong_requests(self) -> None:
        """
        What could not be sent is refused with its reason.
        """
        no_path = "path: the text 'healthz' is no path: the request-target has none of the forms"
        for written, said in {
            "path: healthz": f"{no_path} of RFC 9112 section 3.2",
            "path: 5": "path: must be text, not 5; write it in quotes",
            "path: http://a.test/": "path: must be the path alone, such as /healthz",
            "path: '*'": ": GET needs a path: * is for OPTIONS alone",
            "method: POST": "method: must be one of 'GET', 'HEAD', 'OPTIONS', not the text 'POST'",
            "headers: {Host: a}": "headers: the Host field is set by 'host'",
            f"headers: {{A: {'x' * 9000}}}": ": path and headers must not have more than 8192 bytes together",
        }.items():
            self.assertEqual(self.said(f"http, {written}"), [said])
        (said,) = self.said("http, headers: {Content-Length: '5'}")
        self.assertSubstring("content-length is written by the proxy itself", said)

    def test_wrong_expectations(self) -> None:
        """
        So is what could never be found.
        """
        no_status = "statuses.0: must be a status from 200 to 599 or a range such as 300-399, not"
        no_pattern = "pattern: is no regular expression: missing ), unterminated subpattern"
        for written, said in {
            "method: HEAD, pattern: up": ": an answer to HEAD has no body in which the pattern could be",
            "pattern: '(up'": f"{no_pattern} at position 0",
            "statuses: []": "statuses: must have at least 1 of them",
            "statuses: [100]": f"{no_status} 100",
            "statuses: [299-200]": f"{no_status} the text '299-200'",
        }.items():
            self.assertEqual(self.said(f"http, {written}"), [said])
