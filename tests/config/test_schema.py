from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from revproxy.catalog import built_ins
from revproxy.config.components import COMPONENT, KINDS
from revproxy.config.configuration import Configuration
from revproxy.config.schema import DIALECT, configuration_schema
from revproxy.config.values import NAME
from revproxy.interfaces import IBalancer
from revproxy.registry import Environment, Settings, component, required


class Inner(Settings):
    """
    Options within options.
    """

    depth: int = required("How deep.")


class Outer(Settings):
    """
    Options of a balancer.
    """

    inner: Inner = required("What is inside.")


@component(Outer)
def nested(settings: Outer, environment: Environment) -> object:
    """
    Make something.
    """
    return object()


def parts(schema: object) -> Iterator[dict[str, Any]]:
    """
    Every mapping within a schema.
    """
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from parts(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from parts(part)


class SchemaTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.registry = built_ins()
        self.registry.add(IBalancer, "nested", nested)
        self.schema = configuration_schema(self.registry)

    def definition(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.schema["$defs"][name]
        return found

    def balancer(self, name: str) -> dict[str, Any]:
        options: list[dict[str, Any]] = self.definition("Balancer")["anyOf"][1:]
        return next(each for each in options if each["title"] == name)

    def test_is_json(self) -> None:
        """
        It can be written as JSON, with its dialect and title.
        """
        schema = json.loads(json.dumps(self.schema))
        self.assertEqual((schema["$schema"], schema["title"]), (DIALECT, "revproxy configuration"))

    def test_top_level(self) -> None:
        """
        Every key of the file is in it, those that must be there as required, and no others may be.
        """
        self.assertEqual(set(self.schema["properties"]), set(Configuration.known_keys()))
        self.assertEqual(self.schema["required"], ["listeners", "routes"])
        self.assertIs(self.schema["additionalProperties"], False)

    def test_references_lead_somewhere(self) -> None:
        """
        Each reference is to a definition that is there.
        """
        references = {part["$ref"] for part in parts(self.schema) if "$ref" in part}
        self.assertTrue(references)
        for reference in references:
            self.assertIn(reference.removeprefix("#/$defs/"), self.schema["$defs"])

    def test_every_key_is_described(self) -> None:
        """
        Each key has words for the people who write the file.
        """
        for part in parts(self.schema):
            if part.get("type") == "object":
                for key, described in part.get("properties", {}).items():
                    self.assertTrue(self.description(described), (part.get("title"), key))

    def description(self, schema: dict[str, Any]) -> str | None:
        """
        The words for what has this schema.
        """
        if "$ref" in schema and "description" not in schema:
            return self.description(self.definition(schema["$ref"].removeprefix("#/$defs/")))
        return schema.get("description") or schema.get("const")

    def test_patterns(self) -> None:
        """
        Patterns are regular expressions that JSON Schema knows: no flags, no look-behind.
        """
        for part in parts(self.schema):
            if isinstance(pattern := part.get("pattern"), str):
                re.compile(pattern)
                self.assertNotRegex(pattern, r"\(\?[^:]")

    def test_defaults_as_in_the_file(self) -> None:
        """
        Defaults are written as the file would write them.
        """
        limits = self.definition("LimitSettings")["properties"]
        self.assertEqual(limits["head"]["default"], "32KiB")
        self.assertEqual(self.definition("TimeoutSettings")["properties"]["continue"]["default"], "1s")

    def test_short_forms(self) -> None:
        """
        A server may be a text alone; a component may be a name alone unless it needs options.
        """
        server = self.definition("ServerSettings")["anyOf"]
        self.assertEqual([form["type"] for form in server], ["string", "object"])
        names = self.definition("Balancer")["anyOf"][0]["enum"]
        self.assertIn("round-robin", names)
        self.assertNotIn("consistent-hash", names)

    def test_components(self) -> None:
        """
        Each type of component has its options and no others.
        """
        (headers,) = self.definition("Filter")["anyOf"][1:]
        self.assertEqual(headers["properties"]["type"], {"const": "headers"})
        self.assertLessEqual({"set_request", "remove_response"}, set(headers["properties"]))
        self.assertIs(headers["additionalProperties"], False)

    def test_nested_options(self) -> None:
        """
        Models within a component's options come along.
        """
        self.assertIn("depth", self.definition("Inner")["properties"])
        self.assertEqual(self.balancer("nested")["required"], ["type", "inner"])

    def test_nested_components(self) -> None:
        """
        A component that another has among its options is any of its kind.
        """
        fallback = self.balancer("consistent-hash")["properties"]["fallback"]
        self.assertEqual((fallback["$ref"], fallback["default"]), ("#/$defs/Balancer", "round-robin"))
        self.assertEqual([part for part in parts(self.schema) if COMPONENT in part], [])

    def test_every_kind(self) -> None:
        """
        Wherever a component stands, the schema refers to its kind.
        """
        upstream = self.definition("UpstreamSettings")["properties"]
        self.assertEqual(upstream["balancer"]["$ref"], "#/$defs/Balancer")
        filters = self.schema["properties"]["filters"]
        self.assertEqual(filters["patternProperties"], {NAME: {"$ref": "#/$defs/Filter"}})
        self.assertIs(filters["additionalProperties"], False)
        for kind in KINDS:
            self.assertIn(kind.definition, self.schema["$defs"])

    def test_broken_components(self) -> None:
        """
        What cannot be loaded is left out.
        """
        broken = EntryPoint("broken", "no_such_module:balancer", "revproxy.IBalancer")
        self.registry.load_entry_points(lambda group: [broken] if group == broken.group else [])
        names = configuration_schema(self.registry)["$defs"]["Balancer"]["anyOf"][0]["enum"]
        self.assertIn("round-robin", names)
        self.assertNotIn("broken", names)
