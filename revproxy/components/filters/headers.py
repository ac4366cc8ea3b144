"""
C{type: headers}: sets and removes header fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import field_validator
from zope.interface import implementer

from revproxy.config.values import HOST, FieldName, FieldValue, parse_host_option, refuse_framing
from revproxy.exchange import Exchange, Response
from revproxy.interfaces import IRequestFilter, IResponseFilter
from revproxy.registry import Environment, Settings, component, option
from revproxy.wire.fields import Fields, Pair


class HeaderFieldsSettings(Settings):
    """
    Sets and removes header fields.
    """

    set_request: dict[FieldName, FieldValue] = option(
        {}, "Fields of the request to the upstream that get this as their only value; Host may be one."
    )
    remove_request: list[FieldName] = option([], "Fields that are removed from the request.")
    set_response: dict[FieldName, FieldValue] = option(
        {}, "Fields of the response to the client that get this as their only value."
    )
    remove_response: list[FieldName] = option([], "Fields that are removed from the response.")

    @field_validator("set_request", "set_response")
    @classmethod
    def _check_set(cls, fields: dict[bytes, bytes]) -> dict[bytes, bytes]:
        for name in fields:
            refuse_framing(name)
        if HOST in fields:
            parse_host_option(fields[HOST].decode())
        return fields

    @field_validator("remove_request", "remove_response")
    @classmethod
    def _check_removed(cls, names: list[bytes]) -> list[bytes]:
        for name in names:
            refuse_framing(name)
        if HOST in names:
            raise ValueError("every request has a Host field; set it instead")
        return names


class _Change:
    """
    A change of a list of fields.

    @ivar _gone: the fields whose values go, those that are set anew included.
    """

    def __init__(self, put: Mapping[bytes, bytes], removed: Sequence[bytes]) -> None:
        self._put: list[Pair] = list(put.items())
        self._gone = frozenset((*put, *removed))

    def apply(self, fields: Fields) -> None:
        fields[:] = [pair for pair in fields if pair[0] not in self._gone]
        fields += self._put


@implementer(IRequestFilter, IResponseFilter)
class HeaderFields:
    """
    Sets and removes fields.  What is set replaces every value there was.

    The request's C{Host} is no field here: setting it changes the authority that
    the upstream is asked for.
    """

    def __init__(
        self,
        set_request: Mapping[bytes, bytes],
        remove_request: Sequence[bytes],
        set_response: Mapping[bytes, bytes],
        remove_response: Sequence[bytes],
    ) -> None:
        """
        Names are in lower case.
        """
        self._authority = set_request.get(HOST)
        others = {name: value for name, value in set_request.items() if name != HOST}
        self._request = _Change(others, remove_request)
        self._response = _Change(set_response, remove_response)

    def filter_request(self, exchange: Exchange) -> None:
        """
        Implement L{IRequestFilter.filter_request}.
        """
        outbound = exchange.outbound
        self._request.apply(outbound.fields)
        if self._authority is not None:
            outbound.authority = self._authority

    def filter_response(self, exchange: Exchange, response: Response) -> None:
        """
        Implement L{IResponseFilter.filter_response}.
        """
        self._response.apply(response.fields)


@component(HeaderFieldsSettings)
def headers(settings: HeaderFieldsSettings, environment: Environment) -> HeaderFields:
    """
    Make the filter.
    """
    return HeaderFields(
        settings.set_request, settings.remove_request, settings.set_response, settings.remove_response
    )
