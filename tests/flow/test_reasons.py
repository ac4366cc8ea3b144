"""
Tests of L{revproxy.flow.reasons}.
"""

from __future__ import annotations

from OpenSSL import SSL
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionRefusedError, DNSLookupError
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from revproxy.errors import Unhealthy
from revproxy.flow.reasons import MOST_OF_A_REASON, plain_reason, short_line


class ReasonTests(SynchronousTestCase):
    def test_plain(self) -> None:
        """
        What Twisted, the system and OpenSSL say is told once, without their wrapping, and
        what says nothing by its name.
        """
        refusal = ("certificate", "127.0.0.1", "the certificate of 127.0.0.1 is for other names only")
        for error, said in (
            (Unhealthy("status 503"), "status 503"),
            (Unhealthy(), "Unhealthy"),
            (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
            (ConnectionRefusedError(), "Connection was refused by other side."),
            (DNSLookupError("no such host"), "DNS lookup failed: no such host."),
            (OSError(2, "No such file"), "[Errno 2] No such file"),
            (CancelledError(), "CancelledError"),
            (SSL.Error([("SSL routines", "", "first"), refusal]), refusal[2]),
            (SSL.Error([]), "Error"),
            (SSL.Error(), "Error"),
            (SSL.SysCallError(-1, "Unexpected EOF"), "Unexpected EOF"),
            (ValueError("a mistake"), "ValueError: a mistake"),
            (KeyError(), "KeyError"),
        ):
            self.assertEqual(plain_reason(Failure(error)), said)

    def test_one_short_line(self) -> None:
        """
        A part of what is told may be a server's own words: they stay in one line, and few.
        """
        self.assertEqual(short_line("a\r\nb\x1b[31m"), "a\\r\\nb\\x1b[31m")
        self.assertEqual(short_line("x" * MOST_OF_A_REASON), "x" * MOST_OF_A_REASON)
        self.assertEqual(short_line("x" * 1000), "x" * (MOST_OF_A_REASON - 3) + "...")
