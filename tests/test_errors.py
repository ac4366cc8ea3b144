"""
Tests of L{revproxy.errors}.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy import errors
from revproxy.errors import CertificateError, ConfigurationError, ExchangeError, Problem, RevproxyError
from revproxy.wire.refusal import REASONS

STATUSES = {
    "BadRequest": 400,
    "PurgeForbidden": 403,
    "PurgeUnclear": 400,
    "NoRoute": 404,
    "RequestTimeout": 408,
    "ContentTooLarge": 413,
    "TargetTooLong": 414,
    "ExpectationUnknown": 417,
    "Misdirected": 421,
    "FieldsTooLarge": 431,
    "ExchangeError": 500,
    "MethodUnknown": 501,
    "CodingUnknown": 501,
    "UpstreamRefused": 502,
    "UpstreamUntrusted": 502,
    "UpstreamGone": 502,
    "UpstreamMalformed": 502,
    "UpstreamCut": 502,
    "NoServer": 503,
    "QueueFull": 503,
    "QueueTimeout": 503,
    "CircuitOpen": 503,
    "NotCached": 504,
    "UpstreamConnectTimeout": 504,
    "UpstreamTimeout": 504,
    "UpstreamOvertaken": 504,
    "VersionUnknown": 505,
}


def all_errors() -> list[type[Exception]]:
    return [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]


class ExchangeErrorTests(SynchronousTestCase):
    def kinds(self) -> list[type[ExchangeError]]:
        return [each for each in all_errors() if issubclass(each, ExchangeError)]

    def test_statuses(self) -> None:
        """
        Each error has the status that the client is answered with, and this table has
        them all.
        """
        self.assertEqual({kind.__name__: kind.status for kind in self.kinds()}, STATUSES)

    def test_statuses_have_names(self) -> None:
        """
        Each of these statuses is registered, so the answer can name it.
        """
        self.assertEqual([status for status in STATUSES.values() if status not in REASONS], [])

    def test_retry_safe(self) -> None:
        """
        Pitfall 30: another server may be tried only where nothing of the request was sent.
        """
        safe = {kind.__name__ for kind in self.kinds() if kind.retry_safe}
        self.assertEqual(safe, {"UpstreamRefused", "UpstreamConnectTimeout", "UpstreamUntrusted"})


class ErrorsTests(SynchronousTestCase):
    def test_one_root(self) -> None:
        """
        All that the project raises can be caught by one name.
        """
        self.assertEqual([each for each in all_errors() if not issubclass(each, RevproxyError)], [])

    def test_documented(self) -> None:
        """
        Each says in its own words what happened.
        """
        self.assertEqual([each for each in all_errors() if not each.__dict__.get("__doc__")], [])

    def test_problem(self) -> None:
        """
        A problem of a file reads as editors and compilers write it.
        """
        problem = Problem("a.yaml", 14, 5, "upstreams.app.balancer", "no such balancer")
        self.assertEqual(str(problem), "a.yaml:14:5: upstreams.app.balancer: no such balancer")

    def test_configuration(self) -> None:
        """
        All problems are told at once, a line each, and are there to be counted.
        """
        problems = [Problem("a.yaml", line, 1, "key", "wrong") for line in (1, 2)]
        error = ConfigurationError(problems)
        self.assertEqual(str(error), "a.yaml:1:1: key: wrong\na.yaml:2:1: key: wrong")
        self.assertEqual(error.problems, tuple(problems))

    def test_certificate(self) -> None:
        """
        The file comes first, and is one line with the reason.
        """
        error = CertificateError(Path("/etc/a.pem"), "it expired")
        self.assertEqual(str(error), "/etc/a.pem: it expired")
        self.assertEqual((error.path, error.message), (Path("/etc/a.pem"), "it expired"))


class ReasonTests(SynchronousTestCase):
    def test_reason(self) -> None:
        """
        An error tells the operator what it is, and what it knows beside.
        """
        self.assertEqual(errors.BadRequest("no Host").reason, "BadRequest: no Host")
        self.assertEqual(errors.UpstreamGone().reason, "UpstreamGone")
