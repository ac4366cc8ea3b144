"""
C{cache} of a route: how it uses one of C{caches}.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Self, TypeAlias

from pydantic import PlainValidator, WithJsonSchema, model_validator

from revproxy.config.conditions import Share
from revproxy.config.messages import described
from revproxy.config.settings import Settings, ShortenedSettings, option, required
from revproxy.config.statuses import StatusKey
from revproxy.config.units import Delay
from revproxy.config.values import FieldName, Name, NetworkOption, Token

_NAME_PATTERN = "^[^&=; ]+$"


def parse_query_pattern(value: object) -> bytes:
    """
    @return: the name of a query parameter as it stands in a URL, in which C{*} is anything.
    @raise ValueError: it is none.
    """
    if not isinstance(value, str) or not value or any(each in value for each in "&=; "):
        raise ValueError(f"must be the name of a query parameter such as utm_*, not {described(value)}")
    return value.encode("utf-8", "replace")


QueryPattern: TypeAlias = Annotated[
    bytes, PlainValidator(parse_query_pattern), WithJsonSchema({"type": "string", "pattern": _NAME_PATTERN})
]


class CacheKeySettings(Settings):
    """
    What makes two requests different, besides scheme, host, path and query.
    """

    headers: list[FieldName] = option([], "Request fields.")
    cookies: list[Token] = option([], "Cookies.")
    ignore_query: list[QueryPattern] = option(
        [], "Query parameters that make no difference; * is anything, as in utm_*."
    )
    only_query: list[QueryPattern] | None = option(
        None, "The only query parameters that make a difference; null for all."
    )
    sort_query: bool = option(False, "Whether the order of query parameters makes no difference.")
    country: bool = option(False, "The client's country; it needs geoip.")


class CacheUseSettings(ShortenedSettings):
    """
    How a route uses a cache.  The cache's name alone is short for a mapping with C{use}.
    """

    SHORT: ClassVar[str] = "use"

    use: Name = required("The name of the cache.")
    key: CacheKeySettings = option({}, "What makes two requests different.")
    ignore_query: list[QueryPattern] = option([], "Short for ignore_query of key.")
    ttl: dict[StatusKey, Delay] = option(
        {}, "For how long responses of a status are fresh, in place of what they say; 0 for not at all."
    )
    heuristic: Share = option(
        "10%",
        "The share of the time since Last-Modified for which a response is fresh that says nothing.",
    )
    heuristic_most: Delay = option("1d", "The longest that it comes to.")
    stale_while_revalidate: Delay = option(
        0, "For how long a stale response is used while it is validated, where it does not say."
    )
    stale_if_error: Delay = option(
        0, "For how long a stale response is used where the servers fail, where it does not say."
    )
    join_timeout: Delay = option(
        "5s", "How long a request waits for the answer to an equal one; 0 for not at all."
    )
    heed_clients: bool = option(True, "Whether Cache-Control of clients counts, as when they reload a page.")
    store_cookies: bool = option(
        False, "Whether responses that set cookies may be kept: all clients get the same cookies then."
    )
    targeted: list[FieldName] = option(
        [], "Fields that count before Cache-Control, such as CDN-Cache-Control, the first that is there."
    )
    surrogate: Token | None = option(
        None, "The name under which Surrogate-Control may speak to this cache; null for none."
    )
    status: Token | None = option("revproxy", "Its name in Cache-Status; null to send none.")
    purge_from: list[NetworkOption] = option(
        [], "Networks whose clients may PURGE; without any, PURGE is for the upstream like any other method."
    )

    @model_validator(mode="after")
    def _check_query(self) -> Self:
        if self.key.only_query is not None and (self.ignore_query or self.key.ignore_query):
            raise ValueError("ignore_query and only_query exclude each other")
        return self
