from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import Distribution, EntryPoint
from os import PathLike
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from revproxy.registry import ComponentError, ComponentFactory, Settings
from revproxy.registry.offers import Offer, our_offer, their_offer

FACTORY = ComponentFactory(Settings, lambda settings, environment: object())


class Installed(Distribution):
    """
    An installed package that offers one component.
    """

    def read_text(self, filename: str) -> str | None:
        """
        Implement L{Distribution.read_text}.
        """
        return {
            "METADATA": "Name: their-package\nVersion: 1.2\n",
            "entry_points.txt": "[revproxy.IBalancer]\nbest = no_such_module:best\n",
        }.get(filename)

    def locate_file(self, path: str | PathLike[str]) -> Path:
        """
        Implement L{Distribution.locate_file}.
        """
        return Path(path)

    def balancer(self) -> EntryPoint:
        """
        The only entry point.
        """
        found: Iterable[EntryPoint] = self.entry_points
        (only,) = found
        return only


class OfferTests(SynchronousTestCase):
    def test_ours(self) -> None:
        """
        What comes with the proxy is at hand.
        """
        offer = our_offer(FACTORY)
        self.assertEqual((offer.origins, offer.factory()), (("revproxy",), FACTORY))

    def test_theirs_has_name_and_version(self) -> None:
        """
        What a package offers is told with the package's name and version.
        """
        offer = their_offer(Installed().balancer())
        self.assertEqual(offer.origins, ("their-package 1.2",))
        error = self.assertRaises(ComponentError, offer.factory)
        self.assertSubstring("is offered by their-package 1.2, which cannot be imported", str(error))

    def test_nothing_is_loaded_early(self) -> None:
        """
        An offer is loaded when its factory is asked for, and not before.
        """
        loaded: list[str] = []

        def load() -> object:
            loaded.append("now")
            return FACTORY

        offer = Offer(("theirs",), load)
        self.assertEqual(loaded, [])
        self.assertEqual((offer.factory(), loaded), (FACTORY, ["now"]))

    def test_conflict_loads_nothing(self) -> None:
        """
        Of two that cannot be told apart neither is loaded.
        """
        offer = Offer(("a", "b"), lambda: self.fail("it was loaded"))
        error = self.assertRaises(ComponentError, offer.factory)
        self.assertEqual(str(error), "is offered by a and b: remove all but one of them")
