"""
Tests for L{revproxy.edge.tls.reasons}.
"""

from __future__ import annotations

from OpenSSL import SSL
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost, TimeoutError
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.tls.reasons import reason_of, truncated


class ReasonTests(SynchronousTestCase):
    """
    Tests for L{reason_of} and L{truncated}.
    """

    def test_error(self) -> None:
        """
        What OpenSSL finds is told as it is.
        """
        error = SSL.Error([("SSL routines", "", "no shared cipher")])
        self.assertIs(reason_of(error).value, error)

    def test_end(self) -> None:
        """
        An end without notice is told as other transports do, in whichever way OpenSSL does.
        """
        for error in (
            SSL.Error([]),
            SSL.Error([("SSL routines", "", "unexpected eof while reading")]),
            SSL.SysCallError(-1, "Unexpected EOF"),
        ):
            self.assertIsInstance(reason_of(error).value, ConnectionLost)

    def test_truncated(self) -> None:
        """
        What the transport below takes for a good end is none; other reasons stay.
        """
        self.assertIsInstance(truncated(Failure(ConnectionDone())).value, ConnectionLost)
        for kind in (ConnectionLost, ConnectionAborted, TimeoutError):
            self.assertIsInstance(truncated(Failure(kind())).value, kind)
