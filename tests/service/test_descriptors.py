from __future__ import annotations

import resource
from typing import Any

from twisted.application.service import IService
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from revproxy.service.descriptors import DescriptorLimit, descriptors_needed, raise_soft_limit
from tests.service.proxies import ProxyTestCase, a_document


class RaiseSoftLimitTests(SynchronousTestCase):
    def test_raised(self) -> None:
        """
        The soft limit becomes the hard one, which stays.
        """
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard - 1, hard))
        self.assertEqual(raise_soft_limit(), hard)
        self.assertEqual(resource.getrlimit(resource.RLIMIT_NOFILE), (hard, hard))


class DescriptorLimitTests(SynchronousTestCase):
    def warnings(self, needed: int, allowed: int) -> list[Any]:
        limit = DescriptorLimit(needed, lambda: allowed)
        verifyObject(IService, limit)
        with capturedLogs() as events:
            limit.startService()
        return [
            (event["needed"], event["allowed"]) for event in events if event["log_level"] is LogLevel.warn
        ]

    def test_too_few(self) -> None:
        """
        Where the system allows fewer than are needed the log says so, with both numbers.
        """
        self.assertEqual(self.warnings(1001, 1000), [(1001, 1000)])

    def test_enough(self) -> None:
        """
        Where there are enough it says nothing.
        """
        self.assertEqual(self.warnings(1000, 1000), [])


class DescriptorsNeededTests(ProxyTestCase):
    def needed(self, clients: int, most: int, idle: int, **more: Any) -> int:
        servers = ["http://127.0.0.1:9001", "http://127.0.0.1:9002"]
        upstream = {"servers": servers, "connections": {"most": most, "idle": idle}, **more}
        document = a_document(limits={"connections": clients}, upstreams={"app": upstream})
        return descriptors_needed(self.configuration(document))

    def test_one_for_each_side(self) -> None:
        """
        Each client may have a connection to a server, beside those that are kept, but
        there are no more than servers take; some are for other things.
        """
        others = self.needed(1, 1, 0) - 2
        self.assertEqual(self.needed(1000, 5000, 10), 1000 + 1000 + 2 * 10 + others)
        self.assertEqual(self.needed(1000, 300, 10), 1000 + 2 * 300 + others)

    def test_checks(self) -> None:
        """
        So is one for each server that is checked.
        """
        unchecked = self.needed(1000, 300, 10)
        self.assertEqual(self.needed(1000, 300, 10, health_check={"type": "http"}), unchecked + 2)
