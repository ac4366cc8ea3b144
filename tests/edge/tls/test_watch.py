"""
Tests for L{revproxy.edge.tls.watch}.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from twisted.application.service import IService
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.edge.tls.watch import CertificateWatch
from revproxy.errors import CertificateError
from tests.certificates import Authority
from tests.edge.tls.handshake import client_context, connect, listener, shown

NOW = datetime.now(UTC)


class Watched:
    """
    Has what is wrong with it told by the test.
    """

    def __init__(self) -> None:
        self.looks: list[datetime] = []
        self.failures: list[CertificateError] = []
        self.bug: Exception | None = None

    def take_over(self, now: datetime) -> list[CertificateError]:
        self.looks.append(now)
        if self.bug is not None:
            raise self.bug
        return self.failures


class CertificateWatchTests(SynchronousTestCase):
    """
    Tests for L{CertificateWatch}.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.watched = Watched()

    def watch(self, interval: float = 5.0) -> CertificateWatch:
        watch = CertificateWatch(self.clock, interval, [self.watched], lambda: NOW)
        watch.startService()
        return watch

    def logged(self, looks: int = 1) -> list[str | None]:
        with capturedLogs() as events:
            self.clock.pump([5.0] * looks)
        return [formatEvent(event) for event in events]

    def test_interface(self) -> None:
        """
        It is a service.
        """
        verifyObject(IService, self.watch())

    def test_interval(self) -> None:
        """
        The first look comes after one interval, then one each, with the time of day.
        """
        self.watch()
        self.clock.advance(4.9)
        self.assertEqual(self.watched.looks, [])
        self.clock.advance(0.1)
        self.clock.advance(5.0)
        self.assertEqual(self.watched.looks, [NOW, NOW])

    def test_never(self) -> None:
        """
        With an interval of 0 nothing is looked at.
        """
        watch = self.watch(0)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        watch.stopService()

    def test_stopped(self) -> None:
        """
        When the service has stopped, the clock holds nothing of it.
        """
        self.watch().stopService()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_logged_once(self) -> None:
        """
        What is wrong is one line, however often it is looked at.
        """
        self.watch()
        self.watched.failures = [CertificateError(Path("a.pem"), "is empty")]
        self.assertEqual(self.logged(3), ["the certificate in use stays: a.pem: is empty"])

    def test_logged_again(self) -> None:
        """
        Another reason is another line, and so is the same after a time without it.
        """
        self.watch()
        self.watched.failures = [CertificateError(Path("a.pem"), "is empty")]
        self.logged()
        self.watched.failures = [CertificateError(Path("a.pem"), "is not PEM")]
        self.assertEqual(self.logged(), ["the certificate in use stays: a.pem: is not PEM"])
        self.watched.failures = []
        self.assertEqual(self.logged(), [])
        self.watched.failures = [CertificateError(Path("a.pem"), "is not PEM")]
        self.assertEqual(len(self.logged()), 1)

    def test_goes_on(self) -> None:
        """
        An error that nobody expected does not end the watch.
        """
        self.watch()
        self.watched.bug = ZeroDivisionError()
        self.clock.pump([5.0, 5.0])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
        self.assertEqual(len(self.watched.looks), 2)

    def test_new_certificate(self) -> None:
        """
        A certificate that is renewed on disk is shown after the next look.
        """
        directory = Path(self.mktemp())
        directory.mkdir()
        authority = Authority(directory)
        server = listener(authority.issue(["old.test"], file="site"))
        watch = CertificateWatch(self.clock, 5.0, [server], lambda: NOW)
        watch.startService()
        client = client_context(authority.certificate)
        authority.issue(["new.test"], file="site")
        subjects = [shown(connect(client, server))]
        self.clock.advance(5.0)
        subjects.append(shown(connect(client, server)))
        self.assertEqual(subjects, ["CN=old.test", "CN=new.test"])
