"""
C{servers} of an upstream: each by its URL, or many in a file of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import (
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, core_schema

from revproxy.config.server_url import ServerAddress
from revproxy.config.settings import Settings, ShortenedSettings, option, required
from revproxy.config.units import Delay
from revproxy.config.values import ReadableFile


class ServerSettings(ShortenedSettings):
    """
    One server, or all that are found by one name.  Its URL alone is short for a mapping
    with C{url}.
    """

    SHORT: ClassVar[str] = "url"

    url: ServerAddress = required(
        "http://HOST:PORT, https://HOST:PORT, http+unix:///PATH or https+unix:///PATH; srv+http://NAME or"
        " srv+https://NAME for those of SRV records.  Each address of a name is a server."
    )
    weight: int = option(1, "Its share of the requests beside the others'.", ge=1, le=10_000)
    backup: bool = option(False, "It is used only where no other server can be.")
    priority: int = option(
        0, "Servers of a higher number are used where none of a lower one can be.", ge=0, le=1000
    )
    max_connections: int | None = option(
        None, "How many requests it may have at once, in place of connections.most.", ge=1
    )
    slow_start: Delay | None = option(
        None, "How long it takes to come to its whole share, in place of the upstream's slow_start."
    )
    state: Literal["up", "drain", "down"] = option(
        "up", "drain: it gets nothing new; down: it is not checked either."
    )


class ServerFileSettings(Settings):
    """
    A file of servers, that is looked at again and again.
    """

    file: ReadableFile = required("A YAML file: a list of servers as it would be here.")
    reload_interval: Delay = option(
        "5s", "How often the file is looked at; 0 for when the proxy is told to reload."
    )


class _Entry:
    """
    Chooses between the two by what is written, so that errors speak of the right one.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """
        Implement pydantic's protocol for annotations.
        """
        return core_schema.with_info_wrap_validator_function(self._validate, handler(source))

    def _validate(
        self, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> ServerSettings | ServerFileSettings:
        if isinstance(value, ServerSettings | ServerFileSettings):
            return value
        if isinstance(value, dict) and "file" in value:
            return ServerFileSettings.model_validate(value, context=info.context)
        return ServerSettings.model_validate(value, context=info.context)


ServerEntry: TypeAlias = Annotated[ServerSettings | ServerFileSettings, _Entry()]

SERVER_LIST: TypeAdapter[list[ServerSettings]] = TypeAdapter(list[ServerSettings])
"""
What is in a file of servers.
"""


def refuse_repeated(entries: Sequence[ServerSettings | ServerFileSettings]) -> None:
    """
    @raise ValueError: one of them is there twice.
    """
    names = [entry.url.text if isinstance(entry, ServerSettings) else str(entry.file) for entry in entries]
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if repeated:
        raise ValueError(f"{', '.join(repeated)} is there twice; give it more weight instead")
