from __future__ import annotations

from tests.service.proxies import ProxyTestCase


class WorkshopTests(ProxyTestCase):
    def test_environment(self) -> None:
        """
        Components see the clock, the randomness, the directory and the secret of the
        process, which stays the same, and no more.
        """
        environment = self.workshop.environment
        self.assertIs(environment.clock, self.network)
        self.assertIs(environment.random, self.workshop.random)
        self.assertEqual(environment.directory, self.directory)
        self.assertEqual(environment.secret, self.workshop.environment.secret)

    def test_now(self) -> None:
        """
        The time of day is aware of its zone.
        """
        self.assertIsNotNone(self.workshop.now().tzinfo)
