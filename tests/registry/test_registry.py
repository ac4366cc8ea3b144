from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint
from pathlib import Path
from random import Random
from types import ModuleType

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override
from zope.interface import alsoProvides, implementer
from zope.interface.interface import InterfaceClass

from revproxy.exchange import Exchange, Response
from revproxy.interfaces import IBalancer, IRequestFilter, IResponseFilter
from revproxy.registry import (
    EXTENSION_POINTS,
    ComponentError,
    ComponentFactory,
    ComponentSpec,
    Environment,
    Registry,
    Settings,
    component,
    option,
    required,
)

ENVIRONMENT = Environment(Clock(), Random(0), Path("/etc"))
FILTERS = (IRequestFilter, IResponseFilter)


class LoudSettings(Settings):
    """
    Options of a filter.
    """

    volume: int = option(5, "How loud.")


@implementer(IRequestFilter, IResponseFilter)
class Loud:
    """
    A filter of both kinds.
    """

    def __init__(self, volume: int, environment: Environment) -> None:
        self.volume = volume
        self.environment = environment

    def filter_request(self, exchange: Exchange) -> None:
        """
        Implement L{IRequestFilter.filter_request}.
        """

    def filter_response(self, exchange: Exchange, response: Response) -> None:
        """
        Implement L{IResponseFilter.filter_response}.
        """


class Unfinished:
    """
    Will say that it is a balancer, and is none.
    """


class Misspelt:
    """
    A balancer that takes too little.
    """

    def pick(self, candidates: object) -> None:
        """
        Implement nothing.
        """


def claiming(made: object) -> object:
    """
    Let an object say that it is a balancer, whatever mypy would say to that.
    """
    alsoProvides(made, IBalancer)
    return made


@component(LoudSettings)
def loud(settings: LoudSettings, environment: Environment) -> Loud:
    """
    Make the filter.
    """
    return Loud(settings.volume, environment)


@component(LoudSettings)
def louder(settings: LoudSettings, environment: Environment) -> Loud:
    """
    Make the filter otherwise.
    """
    return Loud(settings.volume + 1, environment)


class AroundSettings(Settings):
    """
    Options of a filter with another within.
    """

    inner: ComponentSpec = required("The other filter.")


@component(AroundSettings)
def around(settings: AroundSettings, environment: Environment) -> Loud:
    """
    Make a filter that is louder than the one within it.
    """
    inner = environment.build(IRequestFilter, settings.inner)
    return Loud(inner.volume + 1, environment)


def making(make: Callable[[], object]) -> ComponentFactory[Settings]:
    """
    A factory that calls a function.
    """
    return ComponentFactory(Settings, lambda settings, environment: make())


class RegistryTestCase(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.registry = Registry()

    def spec(self, name: str, settings: Settings | None = None) -> ComponentSpec:
        return ComponentSpec(name, settings or LoudSettings())

    def refusal(self, interface: InterfaceClass, spec: ComponentSpec) -> str:
        error = self.assertRaises(ComponentError, self.registry.build, interface, spec, ENVIRONMENT)
        return str(error)


class BuildTests(RegistryTestCase):
    def test_build(self) -> None:
        """
        A component is made of its settings and the environment.
        """
        self.registry.add(IRequestFilter, "loud", loud)
        made = self.registry.build(IRequestFilter, self.spec("loud", LoudSettings(volume=9)), ENVIRONMENT)
        self.assertEqual(made.volume, 9)
        given, environment = vars(made.environment), vars(ENVIRONMENT)
        self.assertEqual({**given, "build": None}, {**environment, "build": None})

    def test_within_another(self) -> None:
        """
        A component makes those that it has among its options by its environment, and these
        make theirs.
        """
        deep = ComponentSpec("around", AroundSettings(inner=self.spec("loud", LoudSettings(volume=7))))
        self.registry.add(IRequestFilter, "loud", loud)
        self.registry.add(IRequestFilter, "around", around)
        outer = ComponentSpec("around", AroundSettings(inner=deep))
        self.assertEqual(self.registry.build(IRequestFilter, outer, ENVIRONMENT).volume, 9)

    def test_nobody_builds(self) -> None:
        """
        Where no registry made the environment there is nobody to make them, which is said.
        """
        error = self.assertRaises(ComponentError, ENVIRONMENT.build, IRequestFilter, self.spec("loud"))
        self.assertIn("'loud' cannot be made", str(error))

    def test_each_time_another(self) -> None:
        """
        Each call makes another component: nothing is shared between two upstreams.
        """
        self.registry.add(IRequestFilter, "loud", loud)
        first, second = (
            self.registry.build(IRequestFilter, self.spec("loud"), ENVIRONMENT) for _ in range(2)
        )
        self.assertIsNot(first, second)

    def test_by_name(self) -> None:
        """
        Two types that share a settings model are told apart by name.
        """
        self.registry.add(IRequestFilter, "loud", loud)
        self.registry.add(IRequestFilter, "louder", louder)
        built = [self.registry.build(FILTERS, self.spec(name), ENVIRONMENT) for name in ("loud", "louder")]
        self.assertEqual([made.volume for made in built], [5, 6])

    def test_settings_that_adapt(self) -> None:
        """
        Subclasses of a model are settings of the type, too; others are not.
        """

        class LoudestSettings(LoudSettings):
            """
            More options.
            """

        self.registry.add(IRequestFilter, "loud", loud)
        made = self.registry.build(IRequestFilter, self.spec("loud", LoudestSettings(volume=11)), ENVIRONMENT)
        self.assertEqual(made.volume, 11)
        self.assertEqual(
            self.refusal(IRequestFilter, self.spec("loud", Settings())), "'loud' does not take Settings"
        )

    def test_unknown(self) -> None:
        """
        An unknown name is refused with the known ones.
        """
        self.registry.add(IBalancer, "loud", loud)
        self.assertEqual(
            self.refusal(IBalancer, self.spec("lout")),
            "no component is called 'lout'; there are: loud (did you mean 'loud'?)",
        )

    def test_of_another_interface(self) -> None:
        """
        A name counts only under the interface that it is offered for.
        """
        self.registry.add(IRequestFilter, "loud", loud)
        self.assertEqual(
            self.refusal(IBalancer, self.spec("loud")), "no component is called 'loud'; there are none"
        )

    def test_does_not_provide(self) -> None:
        """
        What does not provide its interface is refused with the reason in one line.
        """
        for make, said in {
            object: "does not provide IBalancer",
            lambda: claiming(Unfinished()): "pick",
            lambda: claiming(Misspelt()): "pick",
        }.items():
            registry = Registry()
            registry.add(IBalancer, "bad", making(make))
            spec = ComponentSpec("bad", Settings())
            error = self.assertRaises(ComponentError, registry.build, IBalancer, spec, ENVIRONMENT)
            self.assertSubstring(said, str(error))
            self.assertNotIn("\n", str(error))

    def test_both_interfaces(self) -> None:
        """
        What is offered for two interfaces has to provide both.
        """

        @implementer(IRequestFilter)
        class Half:
            def filter_request(self, exchange: Exchange) -> None:
                """
                Implement L{IRequestFilter.filter_request}.
                """

        half = making(Half)
        self.registry.add(IRequestFilter, "half", half)
        spec = ComponentSpec("half", Settings())
        self.assertIsInstance(self.registry.build(FILTERS, spec, ENVIRONMENT), Half)
        registry = Registry()
        registry.add(IRequestFilter, "half", half)
        registry.add(IResponseFilter, "half", half)
        error = self.assertRaises(ComponentError, registry.build, FILTERS, spec, ENVIRONMENT)
        self.assertSubstring("'half' does not provide IResponseFilter", str(error))

    def test_factory_fails(self) -> None:
        """
        Why a component cannot be made is said.
        """

        def fail() -> object:
            raise OSError("no such table")

        self.registry.add(IBalancer, "bad", making(fail))
        self.assertEqual(
            self.refusal(IBalancer, ComponentSpec("bad", Settings())),
            "'bad' cannot be made: OSError: no such table",
        )


class NameTests(RegistryTestCase):
    def test_names(self) -> None:
        """
        The names of one or several interfaces, each once, in order.
        """
        self.registry.add(IResponseFilter, "b", loud)
        self.registry.add(IRequestFilter, "b", loud)
        self.registry.add(IRequestFilter, "a", loud)
        self.assertEqual(self.registry.names(IResponseFilter), ["b"])
        self.assertEqual(self.registry.names(FILTERS), ["a", "b"])
        self.assertEqual(self.registry.names(IBalancer), [])

    def test_settings(self) -> None:
        """
        The settings of a name are known before anything is made.
        """
        self.registry.add(IRequestFilter, "loud", loud)
        self.assertIs(self.registry.settings(FILTERS, "loud"), LoudSettings)
        error = self.assertRaises(ComponentError, self.registry.settings, FILTERS, "x", "filter")
        self.assertSubstring("no filter is called 'x'", str(error))

    def test_two_factories_of_a_name(self) -> None:
        """
        A name that means one thing for requests and another for responses is refused.
        """
        self.registry.add(IRequestFilter, "loud", loud)
        self.registry.add(IResponseFilter, "loud", louder)
        error = self.assertRaises(ComponentError, self.registry.settings, FILTERS, "loud")
        self.assertSubstring("different factory for each of its interfaces", str(error))


class EntryPointTests(RegistryTestCase):
    """
    What other packages offer, in a module that is made for the test.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        module = ModuleType("their_package")
        module.__dict__.update(loud=loud, louder=louder, plain=Loud)
        sys.modules["their_package"] = module
        self.addCleanup(sys.modules.pop, "their_package")

    def install(self, *found: tuple[str, str, str]) -> None:
        """
        Load entry points of these names, values and interfaces.
        """
        entry_points = [EntryPoint(name, value, f"revproxy.{interface}") for name, value, interface in found]

        def find(group: str) -> Iterable[EntryPoint]:
            return [entry_point for entry_point in entry_points if entry_point.group == group]

        self.registry.load_entry_points(find)

    def test_found(self) -> None:
        """
        What a package offers can be had under the name of its entry point.
        """
        self.install(
            ("theirs", "their_package:loud", "IRequestFilter"),
            ("theirs", "their_package:loud", "IResponseFilter"),
        )
        self.assertEqual(self.registry.names(FILTERS), ["theirs"])
        self.assertIsInstance(self.registry.build(FILTERS, self.spec("theirs"), ENVIRONMENT), Loud)

    def test_every_extension_point(self) -> None:
        """
        There is a group for each interface that outsiders implement.
        """
        asked: list[str] = []

        def find(group: str) -> Iterable[EntryPoint]:
            asked.append(group)
            return []

        self.registry.load_entry_points(find)
        self.assertEqual(asked, [f"revproxy.{interface.__name__}" for interface in EXTENSION_POINTS])
        self.assertIn("revproxy.IAccessLogFormatter", asked)

    def test_installed(self) -> None:
        """
        Without anything else, those that are installed are looked for.
        """
        package = Path(self.mktemp(), "found-1.0.dist-info")
        package.mkdir(parents=True)
        (package / "METADATA").write_text("Metadata-Version: 2.1\nName: found\nVersion: 1.0\n")
        (package / "entry_points.txt").write_text("[revproxy.IBalancer]\nfound = their_package:loud\n")
        sys.path.append(str(package.parent))
        self.addCleanup(sys.path.remove, str(package.parent))
        self.registry.load_entry_points()
        self.assertIn("found", self.registry.names(IBalancer))

    def test_broken_package(self) -> None:
        """
        A package that cannot be imported hurts only who asks for it, and is named with the cause.
        """
        self.install(
            ("broken", "no_such_package:thing", "IRequestFilter"),
            ("theirs", "their_package:loud", "IRequestFilter"),
        )
        self.assertEqual(self.registry.names(FILTERS), ["broken", "theirs"])
        self.registry.build(FILTERS, self.spec("theirs"), ENVIRONMENT)
        self.assertEqual(
            self.refusal(IRequestFilter, self.spec("broken")),
            "'broken' is offered by no_such_package:thing, which cannot be imported:"
            " ModuleNotFoundError: No module named 'no_such_package'",
        )

    def test_attribute_missing(self) -> None:
        """
        So is one whose factory is not where it says.
        """
        self.install(("gone", "their_package:gone", "IRequestFilter"))
        self.assertSubstring("AttributeError", self.refusal(IRequestFilter, self.spec("gone")))

    def test_not_marked(self) -> None:
        """
        A class in place of a factory is refused with what is missing.
        """
        self.install(("plain", "their_package:plain", "IRequestFilter"))
        said = self.refusal(IRequestFilter, self.spec("plain"))
        self.assertSubstring("not marked with @revproxy.registry.component", said)

    def test_ours_are_not_replaced(self) -> None:
        """
        Who takes a name of ours replaces nothing: asking for it is an error that names both.
        """
        self.registry.add(IRequestFilter, "loud", loud)
        self.install(("loud", "their_package:louder", "IRequestFilter"))
        self.assertEqual(
            self.refusal(IRequestFilter, self.spec("loud")),
            "'loud' is offered by revproxy and their_package:louder: remove all but one of them",
        )

    def test_two_packages(self) -> None:
        """
        Nor does one package replace another's.
        """
        self.install(
            ("x", "their_package:loud", "IRequestFilter"), ("x", "their_package:louder", "IRequestFilter")
        )
        self.assertSubstring("remove all but one", self.refusal(IRequestFilter, self.spec("x")))
