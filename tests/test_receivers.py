from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.errors import RequestTimeout
from revproxy.interfaces import IReceiver
from revproxy.receivers import Ignored


class IgnoredTests(SynchronousTestCase):
    def test_nothing_happens(self) -> None:
        """
        It takes all that may still come, and does nothing.
        """
        ignored = Ignored()
        verifyObject(IReceiver, ignored)
        ignored.request_body(b"more")
        ignored.request_flush()
        ignored.request_ended(())
        ignored.request_failed(RequestTimeout("late"))
        ignored.pause_response()
        ignored.resume_response()
        ignored.client_left()
