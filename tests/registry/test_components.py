from __future__ import annotations

from pathlib import Path
from random import Random

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.registry import ComponentFactory, Environment, Settings, component, option

ENVIRONMENT = Environment(Clock(), Random(0), Path("/etc"))


class LampSettings(Settings):
    """
    Options of something.
    """

    watts: int = option(5, "How bright.")


@component(LampSettings)
def lamp(settings: LampSettings, environment: Environment) -> tuple[int, Path]:
    """
    Make something.
    """
    return settings.watts, environment.directory


class ComponentTests(SynchronousTestCase):
    def test_factory(self) -> None:
        """
        A marked function knows its settings, and still can be called.
        """
        self.assertIsInstance(lamp, ComponentFactory)
        self.assertIs(lamp.settings, LampSettings)
        self.assertEqual(lamp(LampSettings(watts=7), ENVIRONMENT), (7, Path("/etc")))

    def test_environment_is_frozen(self) -> None:
        """
        No component can change what the next one is given.
        """
        self.assertRaises(AttributeError, setattr, ENVIRONMENT, "directory", Path("/"))

    def test_secrets(self) -> None:
        """
        Each environment has a secret of its own, unless it is given one; it is not shown.
        """
        first, second = (Environment(Clock(), Random(0), Path("/")) for _ in range(2))
        self.assertNotEqual(first.secret, second.secret)
        self.assertGreaterEqual(len(first.secret), 32)
        self.assertNotIn("secret", repr(first))
