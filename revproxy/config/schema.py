"""
The JSON schema of the file, by which editors complete and check it.
"""

from __future__ import annotations

from typing import Any

from revproxy.config.components import COMPONENT, KINDS, ComponentOf
from revproxy.config.configuration import Configuration
from revproxy.registry import ComponentError, Registry, Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def configuration_schema(registry: Registry) -> Schema:
    """
    @return: the schema of a file in which every component of the registry, that can
        be loaded, can be named.
    """
    schema: Schema = _finished(Configuration.model_json_schema(by_alias=True))
    definitions = schema["$defs"]
    for kind in KINDS:
        definitions[kind.definition] = _component(kind, registry, definitions)
    return {"$schema": DIALECT, **schema, "title": "revproxy configuration"}


def _finished(schema: Any) -> Any:
    """
    @return: the schema with references where a component stands, and without any
        keys that are no names.
    """
    if isinstance(schema, list):
        return [_finished(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    finished = {key: _finished(part) for key, part in schema.items() if key != COMPONENT}
    if "patternProperties" in schema:
        finished["additionalProperties"] = False
    return {"$ref": f"#/$defs/{schema[COMPONENT]}", **finished} if COMPONENT in schema else finished


def _component(kind: ComponentOf, registry: Registry, definitions: Schema) -> Schema:
    """
    @return: the schema of a component: a name alone, or a mapping with its options.
    """
    names = []
    mappings = []
    for name in registry.names(kind.interfaces):
        try:
            settings = registry.settings(kind.interfaces, name)
        except ComponentError:
            continue
        options = _options(name, settings, definitions)
        mappings.append(options)
        if options["required"] == ["type"]:
            names.append(name)
    return {"title": kind.noun.capitalize(), "anyOf": [{"enum": names}, *mappings]}


def _options(name: str, settings: type[Settings], definitions: Schema) -> Schema:
    """
    @return: the schema of a component's mapping; what it refers to is added to the
        definitions.
    """
    schema: Schema = _finished(settings.model_json_schema(by_alias=True))
    definitions.update(schema.pop("$defs", {}))
    schema["title"] = name
    schema["properties"] = {"type": {"const": name}, **schema.get("properties", {})}
    schema["required"] = ["type", *schema.get("required", [])]
    return schema
