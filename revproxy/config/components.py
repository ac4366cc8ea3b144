"""
A component in the file: its type's name, or a mapping with C{type} and options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Annotated, Any, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema
from twisted.internet.task import Clock
from twisted.web.iweb import IAccessLogFormatter
from twisted.web.resource import IResource
from zope.interface.interface import InterfaceClass

from revproxy.config.context import Context
from revproxy.config.health_checks import HealthCheckSettings
from revproxy.config.settings import Settings
from revproxy.interfaces import IBalancer, ICacheStore, IHealthChecker, IRequestFilter, IResponseFilter
from revproxy.registry import ComponentError, ComponentSpec, Environment

COMPONENT = "component"
"""
The key that stands for a reference to a component's definition.
"""


@dataclass(frozen=True)
class ComponentOf:
    """
    Annotates a L{ComponentSpec} with what the component is for.

    The type is looked up in the registry that comes as context; its options are
    validated by the type's own settings, so that errors name their keys; then the
    component is made once and thrown away, to see that it can be.

    @ivar noun: what such a component is called in messages.
    @ivar base: what the settings of each type inherit.
    """

    noun: str
    interfaces: tuple[InterfaceClass, ...]
    base: type[Settings] = Settings

    @property
    def definition(self) -> str:
        """
        The name of the definition in the JSON schema.
        """
        return "".join(word.capitalize() for word in self.noun.split())

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """
        Implement pydantic's protocol for annotations.
        """
        return core_schema.with_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """
        Implement pydantic's protocol for annotations.  Which types there are is
        not known here: L{revproxy.config.schema} puts a reference in this place.
        """
        return {COMPONENT: self.definition}

    def validate(self, value: object, info: ValidationInfo) -> ComponentSpec:
        """
        @raise ValueError: it is no component that can be used.
        """
        if isinstance(value, ComponentSpec):
            return value
        if not isinstance(info.context, Context):
            raise ValueError(f"a {self.noun} is chosen by name only in a file")
        name, options = self._split(value)
        try:
            return self._checked(name, options, info.context)
        except ComponentError as error:
            raise ValueError(str(error)) from error

    def _split(self, value: object) -> tuple[str, Mapping[str, object]]:
        """
        @return: the type's name and the options.
        """
        if isinstance(value, str):
            return value, {}
        name = value.get("type") if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or not isinstance(name, str):
            raise ValueError(f"must be the name of a {self.noun}, or a mapping with its name as 'type'")
        return name, {key: option for key, option in value.items() if key != "type"}

    def _checked(self, name: str, options: Mapping[str, object], context: Context) -> ComponentSpec:
        settings = context.registry.settings(self.interfaces, name, self.noun)
        if not issubclass(settings, self.base):
            raise ComponentError(f"the settings of '{name}' must inherit {self.base.__name__}")
        spec = ComponentSpec(name, settings.model_validate(options, context=context))
        environment = Environment(Clock(), Random(0), context.directory)
        context.registry.build(self.interfaces, spec, environment)
        return spec


def sees_responses(balancer: ComponentSpec, info: ValidationInfo) -> bool:
    """
    Whether a balancer is called with responses, too.
    """
    if not isinstance(info.context, Context):
        return False
    environment = Environment(Clock(), Random(0), info.context.directory)
    return bool(IResponseFilter.providedBy(info.context.registry.build(IBalancer, balancer, environment)))


BALANCER = ComponentOf("balancer", (IBalancer,))
HEALTH_CHECK = ComponentOf("health check", (IHealthChecker,), HealthCheckSettings)
FILTER = ComponentOf("filter", (IRequestFilter, IResponseFilter))

CACHE_STORE = ComponentOf("cache store", (ICacheStore,))

ACCESS_LOG_FORMAT = ComponentOf("access log format", (IAccessLogFormatter,))

RESOURCE = ComponentOf("resource", (IResource,))

KINDS = (BALANCER, HEALTH_CHECK, FILTER, CACHE_STORE, ACCESS_LOG_FORMAT, RESOURCE)

Balancer: TypeAlias = Annotated[ComponentSpec, BALANCER]
HealthCheck: TypeAlias = Annotated[ComponentSpec, HEALTH_CHECK]
Filter: TypeAlias = Annotated[ComponentSpec, FILTER]
CacheStore: TypeAlias = Annotated[ComponentSpec, CACHE_STORE]
AccessLogFormat: TypeAlias = Annotated[ComponentSpec, ACCESS_LOG_FORMAT]
Resource: TypeAlias = Annotated[ComponentSpec, RESOURCE]
