"""
What all settings have in common: L{Settings}, the base of every model.

A model is frozen and strict, knows each of its keys, and says of a wrong value what
would be right.  Defaults are written as the file would write them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError
from typing_extensions import override

from revproxy.config.messages import EXPLAINED, explain, unknown


def option(default: object, description: str, **more: Any) -> Any:
    """
    Declare a key that may be left out.

    @param default: as the file would have it, such as C{"10s"}.
    @param description: for people who write the file; shown by editors.
    @param more: what else pydantic's C{Field} takes, such as bounds.
    """
    return Field(default, description=description, validate_default=True, **more)


def required(description: str, **more: Any) -> Any:
    """
    Declare a key that must be there.
    """
    return Field(description=description, **more)


class Settings(BaseModel):
    """
    The base of all settings: declare each key as an annotated attribute.

    Subclasses are the settings of a part of the file, or of a type of component.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @classmethod
    def known_keys(cls) -> list[str]:
        """
        @return: the keys that the file may have here.
        """
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="wrap")
    @classmethod
    def _explain_errors(cls, data: Any, validate: Callable[[Any], Self]) -> Self:
        """
        Say of each error what would be right: only here it is known which keys
        there are.
        """
        try:
            return validate(data)
        except ValidationError as error:
            explained = [cls._explained(details) for details in error.errors(include_url=False)]
            raise ValidationError.from_exception_data(cls.__name__, explained) from None

    @classmethod
    def _explained(cls, details: ErrorDetails) -> InitErrorDetails:
        """
        @return: the same error with our words, unless it has them already.
        """
        message = details["msg"]
        if details["type"] == "extra_forbidden":
            message = unknown("key", str(details["loc"][-1]), cls.known_keys())
        elif details["type"] != EXPLAINED:
            message = explain(details)
        return InitErrorDetails(
            type=PydanticCustomError(EXPLAINED, "{message}", {"message": message}),
            loc=details["loc"],
            input=details["input"],
        )


class ShortenedSettings(Settings):
    """
    Settings for which the value of one key alone is short.

    @cvar SHORT: the key.
    """

    SHORT: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, data: Any) -> Any:
        return {cls.SHORT: data} if isinstance(data, str) else data

    @override
    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """
        The schema knows the short form, too.
        """
        full = handler.resolve_ref_schema(handler(core_schema))
        return {"title": full["title"], "anyOf": [full["properties"][cls.SHORT], full]}
