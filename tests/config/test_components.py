from __future__ import annotations

from pydantic import Field, ValidationError
from typing_extensions import override
from zope.interface import implementer

from revproxy.config.components import BALANCER, FILTER, KINDS
from revproxy.config.servers import ServerEntry, ServerSettings
from revproxy.config.upstreams import UpstreamSettings
from revproxy.exchange import Exchange
from revproxy.interfaces import IRequestFilter, IResponseFilter
from revproxy.registry import ComponentSpec, Environment, Settings, component, required
from tests.config.files import MINIMAL, FileTestCase


class Inner(Settings):
    """
    Options within options.
    """

    depth: int = required("How deep.")


class StampSettings(Settings):
    """
    A filter's options.
    """

    text: str = required("What to stamp.")
    inner: Inner | None = None
    times: int = Field(1, ge=1)


@implementer(IRequestFilter)
class Stamp:
    """
    A filter.
    """

    def filter_request(self, exchange: Exchange) -> None:
        """
        Implement L{IRequestFilter.filter_request}.
        """


@component(StampSettings)
def stamp(settings: StampSettings, environment: Environment) -> Stamp:
    """
    Make the filter, where its text is none that it hates.
    """
    if settings.text == "hateful":
        raise RuntimeError("the stamp is broken")
    return Stamp()


@component(Settings)
def nothing(settings: Settings, environment: Environment) -> object:
    """
    Make what is no filter.
    """
    return object()


USING = f"{MINIMAL}    filters: [mine]\n"
"""
A file whose route uses a filter, which a test adds.
"""


class ComponentTests(FileTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        self.registry.add(IRequestFilter, "stamp", stamp)
        self.registry.add(IResponseFilter, "nothing", nothing)

    def spec(self, written: str) -> ComponentSpec:
        configuration = self.load(f"{USING}filters: {{mine: {written}}}")
        return configuration.filters["mine"]

    def said(self, written: str) -> list[str]:
        problems = self.problems(f"{USING}filters: {{mine: {written}}}")
        return [f"{problem.key.removeprefix('filters.')}: {problem.message}" for problem in problems]

    def test_mapping(self) -> None:
        """
        A mapping has the type and its options.
        """
        self.assertEqual(
            self.spec("{type: stamp, text: x, times: 3}"),
            ("stamp", StampSettings(text="x", times=3)),
        )

    def test_name_alone(self) -> None:
        """
        A name alone stands for a mapping without options.
        """
        self.assertEqual(self.spec("headers"), self.spec("{type: headers}"))
        self.assertEqual(self.said("stamp"), ["mine.text: is missing"])

    def test_errors_of_options(self) -> None:
        """
        Wrong options are told by their own keys, all of them.
        """
        self.assertEqual(
            self.said("{type: stamp, txt: y, times: 0, inner: {depth: x}}"),
            [
                "mine.text: is missing",
                "mine.txt: no key is called 'txt'; there are: inner, text, times (did you mean 'text'?)",
                "mine.times: must be at least 1, not 0",
                "mine.inner.depth: must be a whole number, not the text 'x'",
            ],
        )

    def test_unknown_type(self) -> None:
        """
        An unknown type lists the known ones, of all interfaces that it may be for.
        """
        self.assertEqual(
            self.said("{type: stomp}"),
            ["mine: no filter is called 'stomp'; there are: headers, nothing, stamp (did you mean 'stamp'?)"],
        )

    def test_no_type(self) -> None:
        """
        What has no type is told how a component is written.
        """
        wanted = ["mine: must be the name of a filter, or a mapping with its name as 'type'"]
        for written in ["{text: x}", "5", "[stamp]", "{type: 5}", "~"]:
            self.assertEqual(self.said(written), wanted)

    def test_no_such_component(self) -> None:
        """
        What is made but does not provide its interface is an error of the file.
        """
        (said,) = self.said("nothing")
        self.assertSubstring("mine: 'nothing' does not provide IResponseFilter", said)

    def test_cannot_be_made(self) -> None:
        """
        A factory that fails is an error of the file, with its reason.
        """
        self.assertEqual(
            self.said("{type: stamp, text: hateful}"),
            ["mine: 'stamp' cannot be made: RuntimeError: the stamp is broken"],
        )

    def test_position(self) -> None:
        """
        An option's error is where the option is.
        """
        (problem,) = self.problems(f"{USING}filters:\n  mine:\n    type: stamp\n    text: 5\n")
        self.assertEqual((problem.line, problem.column, problem.key), (11, 5, "filters.mine.text"))

    def test_made_in_python(self) -> None:
        """
        Settings that are made in Python take a chosen component, and need one.
        """
        chosen = ComponentSpec("any", Settings())
        servers: list[ServerEntry] = [ServerSettings.model_validate("http://127.0.0.1:8001")]
        self.assertIs(UpstreamSettings(servers=servers, balancer=chosen).balancer, chosen)
        self.assertRaises(ValidationError, UpstreamSettings, servers=servers)

    def test_definitions(self) -> None:
        """
        Each kind has a definition of its own in the JSON schema.
        """
        self.assertEqual((BALANCER.definition, FILTER.definition), ("Balancer", "Filter"))
        self.assertEqual(len({kind.definition for kind in KINDS}), len(KINDS))
