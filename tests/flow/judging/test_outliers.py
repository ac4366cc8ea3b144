"""
Tests of L{revproxy.flow.judging.outliers}.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy import errors
from revproxy.flow.judging.outliers import OutlierDetection, OutlierTerms
from revproxy.flow.pool.events import Events
from tests.flow.upstream_side import AttendedServer


class OutlierCase(SynchronousTestCase):
    terms = OutlierTerms(consecutive=3, ejection=10.0, most_ejection=35.0)

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000.0)
        self.events = Events("app")
        self.outliers = OutlierDetection(self.clock, self.terms, self.events)
        self.server = AttendedServer().server
        self.outliers.joined(self.server)
        self.standing = self.server.standing

    def tearDown(self) -> None:
        """
        Pitfall 44: a server that is forgotten leaves nothing scheduled, and no memory.
        """
        self.outliers.forgotten(self.server)
        self.assertEqual((self.clock.getDelayedCalls(), self.outliers._records), ([], {}))

    def answer(self, *statuses: int) -> None:
        for status in statuses:
            self.outliers.answered(self.server, status, 0.0)
            self.outliers.completed(self.server, status, 0.0)

    def cut(self, times: int = 1, seconds: float = 0.0) -> None:
        """
        Responses begin well and break off.
        """
        for _ in range(times):
            self.outliers.answered(self.server, 200, seconds)
            self.outliers.broke_off(self.server, 200, errors.UpstreamCut(), seconds)

    def state(self) -> str:
        if self.standing.ejected:
            return "ejected"
        return "on trial" if self.standing.on_trial else "in"


class ConsecutiveTests(OutlierCase):
    def test_in_a_row(self) -> None:
        """
        So many failures in a row eject a server.
        """
        self.answer(500, 503)
        self.assertEqual(self.state(), "in")
        self.outliers.failed(self.server, errors.UpstreamRefused(), 0.0)
        self.assertEqual(self.state(), "ejected")
        self.assertIn("3 failures in a row, the last with UpstreamRefused", self.standing.reason)
        self.assertEqual(self.events.counts["ejected"], 1)

    def test_not_in_a_row(self) -> None:
        """
        An answer that is none of them begins the count anew; so does a 404, which is the
        client's doing.
        """
        self.answer(500, 500, 404, 500, 500, 200, 500, 500)
        self.assertEqual(self.state(), "in")

    def test_broken_off(self) -> None:
        """
        So do so many responses in a row that began well and broke off.
        """
        self.cut(2)
        self.answer(200)
        self.cut(2)
        self.assertEqual(self.state(), "in")
        self.cut()
        self.assertEqual(self.state(), "ejected")
        self.assertIn("3 responses in a row broke off, the last with UpstreamCut", self.standing.reason)

    def test_failed_once(self) -> None:
        """
        One that had failed already with its status has failed once.
        """
        self.answer(500, 500)
        for _ in range(5):
            self.outliers.broke_off(self.server, 500, errors.UpstreamCut(), 0.0)
            self.outliers.broke_off(self.server, 200, errors.RequestTimeout(), 0.0)
        self.assertEqual(self.state(), "in")

    def test_gone(self) -> None:
        """
        Pitfall 44: exchanges that end after their server has gone leave nothing behind.
        """
        self.outliers.forgotten(self.server)
        self.answer(200, 500, 500, 500)
        self.cut(3)
        self.assertEqual((self.state(), self.outliers._records), ("in", {}))

    def test_not_its_doing(self) -> None:
        """
        What is no server's doing does not count.
        """
        for _ in range(5):
            self.outliers.failed(self.server, errors.RequestTimeout(), 0.0)
        self.assertEqual(self.state(), "in")

    def test_what_was_under_way(self) -> None:
        """
        Failures of exchanges that were under way then do not prolong an ejection, nor do
        they fail a trial.
        """
        self.answer(500, 500, 500)
        self.answer(500)
        self.clock.advance(10.0)
        self.outliers.failed(self.server, errors.UpstreamTimeout(), 60.0)
        self.assertEqual((self.state(), self.events.counts["ejected"]), ("on trial", 1))


class TrialTests(OutlierCase):
    def eject(self) -> None:
        self.answer(500, 500, 500)

    def test_trial(self) -> None:
        """
        After its time a server gets one exchange at once; if that goes well it is in again.
        """
        self.eject()
        self.clock.advance(9.9)
        self.assertEqual(self.state(), "ejected")
        self.clock.advance(0.1)
        self.assertEqual((self.state(), self.server.most), ("on trial", 1))
        self.answer(200)
        self.assertEqual((self.state(), self.server.most), ("in", 512))
        self.assertEqual((self.events.counts["on-trial"], self.events.counts["readmitted"]), (1, 1))

    def test_begun_is_not_all(self) -> None:
        """
        A response that begins well and breaks off has failed the trial; what broke off after
        it had begun before the ejection has not.
        """
        self.eject()
        self.clock.advance(10.0)
        self.outliers.answered(self.server, 200, 0.0)
        self.clock.advance(1.0)
        self.assertEqual(self.state(), "on trial")
        self.outliers.broke_off(self.server, 200, errors.UpstreamCut(), 60.0)
        self.assertEqual(self.state(), "on trial")
        self.outliers.broke_off(self.server, 200, errors.UpstreamCut(), 1.0)
        self.assertEqual(self.state(), "ejected")
        self.clock.advance(19.9)
        self.assertEqual(self.state(), "ejected")

    def test_endless(self) -> None:
        """
        One that goes on well for as long as the window has passed it.
        """
        self.eject()
        self.clock.advance(10.0)
        self.outliers.answered(self.server, 200, 0.0)
        self.clock.advance(10.0)
        self.assertEqual(self.state(), "in")
        self.outliers.completed(self.server, 200, 10.0)
        self.assertEqual(self.events.counts["readmitted"], 1)

    def test_grows(self) -> None:
        """
        If it goes wrong it is left alone for twice as long, up to the most.
        """
        self.eject()
        for seconds in (10.0, 20.0, 35.0, 35.0):
            self.clock.advance(seconds - 0.1)
            self.assertEqual(self.state(), "ejected")
            self.clock.advance(0.1)
            self.assertEqual(self.state(), "on trial")
            self.answer(500)

    def test_grows_after_a_good_trial(self) -> None:
        """
        One that fails soon after it was in again is left alone for longer, too.
        """
        self.eject()
        self.clock.advance(10.0)
        self.answer(200, 500, 500, 500)
        self.clock.advance(10.0)
        self.assertEqual(self.state(), "ejected")
        self.clock.advance(10.0)
        self.assertEqual(self.state(), "on trial")

    def test_forgiven(self) -> None:
        """
        What it did is forgotten once it was in for as long as it could be left alone.
        """
        self.eject()
        self.clock.advance(10.0)
        self.answer(200)
        self.clock.advance(36.0)
        self.answer(500, 500, 500)
        self.clock.advance(10.0)
        self.assertEqual(self.state(), "on trial")


class RateTests(OutlierCase):
    terms = OutlierTerms(consecutive=0, failure_rate=0.5, least=6, window=10.0)

    def test_share(self) -> None:
        """
        At a share of failures among enough exchanges a server is ejected.
        """
        self.answer(200, 500, 200, 500, 500)
        self.assertEqual(self.state(), "in")
        self.answer(500)
        self.assertEqual(self.state(), "ejected")
        self.assertIn("4 of 6 exchanges failed", self.standing.reason)

    def test_broken_off(self) -> None:
        """
        A response that began well and broke off is one exchange, which failed.
        """
        self.cut(5)
        self.assertEqual(self.state(), "in")
        self.cut()
        self.assertEqual(self.state(), "ejected")
        self.assertIn("6 of 6 exchanges failed", self.standing.reason)

    def test_old(self) -> None:
        """
        What is longer ago than the window does not count.
        """
        self.answer(500, 500, 500, 500, 500)
        self.clock.advance(10.0)
        self.answer(500)
        self.assertEqual(self.state(), "in")
