from __future__ import annotations

from pathlib import Path
from random import Random

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.catalog import BUILT_IN, built_ins, registry
from revproxy.config.context import Context
from revproxy.registry import ComponentSpec, Environment


class CatalogTests(SynchronousTestCase):
    def test_each_can_be_built(self) -> None:
        """
        Every built-in component that needs no option is made and provides its interface.
        """
        components = built_ins()
        environment = Environment(Clock(), Random(0), Path("/"))
        for interface, name, factory in BUILT_IN:
            if any(option.is_required() for option in factory.settings.model_fields.values()):
                continue
            settings = factory.settings.model_validate({}, context=Context(components, Path("/")))
            made = components.build(interface, ComponentSpec(name, settings), environment)
            self.assertTrue(interface.providedBy(made), name)

    def test_names_are_kebab_case(self) -> None:
        """
        Names are of lower-case words with dashes.
        """
        for _, name, _ in BUILT_IN:
            self.assertRegex(name, r"\A[a-z]+(-[a-z]+)*\Z")

    def test_with_other_packages(self) -> None:
        """
        What comes with the proxy is there whatever else is installed.
        """
        everything = registry()
        for interface, name, _ in BUILT_IN:
            self.assertIn(name, everything.names(interface))
