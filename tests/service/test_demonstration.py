from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from twisted.application.service import IService
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface.verify import verifyObject

from revproxy.catalog import built_ins
from revproxy.config.load import configuration_from
from revproxy.service.demonstration import Demonstration
from tests.config.files import written


class DemonstrationTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.directory = Path(mkdtemp(prefix="revproxy-"))
        self.addCleanup(shutil.rmtree, self.directory)
        self.reactor = MemoryReactorClock()
        self.demonstration = Demonstration(self.directory, self.reactor)
        self.addCleanup(self.demonstration.stopService)

    def test_service(self) -> None:
        """
        It is a service.
        """
        verifyObject(IService, self.demonstration)

    def test_configuration(self) -> None:
        """
        Its configuration is right, and names the ports before anything listens there.
        """
        data: dict[str, Any] = self.demonstration.configuration()
        configuration = configuration_from(data, built_ins(), self.directory)
        servers = written(configuration.upstreams["demonstration"])
        self.assertEqual(len({server.url.port for server in servers}), 2)
        self.assertEqual(self.reactor.adoptedPorts, [])

    def test_fork(self) -> None:
        """
        The reactor knows of the ports from the start of the service, not before:
        C{twistd} may fork in between.
        """
        self.demonstration.startService()
        self.assertEqual(len(self.reactor.adoptedPorts), 2)

    def test_told(self) -> None:
        """
        The log says what to open.
        """
        demonstration = Demonstration(self.directory, self.reactor, (9080, 9443))
        self.addCleanup(demonstration.stopService)
        with capturedLogs() as events:
            demonstration.startService()
        line = "to see the proxy at work open http://127.0.0.1:9080 or https://127.0.0.1:9443"
        self.assertEqual([formatEvent(event) for event in events], [line])
