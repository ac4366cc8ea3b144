"""
C{type: request-id}: numbers requests, so that they can be found in every log.
"""

from __future__ import annotations

from random import Random

from zope.interface import implementer

from revproxy.config.values import FieldName
from revproxy.exchange import Exchange, Response
from revproxy.interfaces import IRequestFilter, IResponseFilter
from revproxy.registry import Environment, Settings, component, option


class RequestIDSettings(Settings):
    """
    Gives each request an identifier, which the client is told, too.
    """

    field: FieldName = option("X-Request-ID", "The field that carries the identifier, both ways.")


@implementer(IRequestFilter, IResponseFilter)
class RequestID:
    """
    Gives each request an identifier, which the client is told, too.  One that the
    client made up is replaced.
    """

    def __init__(self, random: Random, field: bytes) -> None:
        self._random = random
        self._field = field

    def filter_request(self, exchange: Exchange) -> None:
        """
        Implement L{IRequestFilter.filter_request}.
        """
        exchange.outbound.fields.set(self._field, b"%032x" % self._random.getrandbits(128))

    def filter_response(self, exchange: Exchange, response: Response) -> None:
        """
        Implement L{IResponseFilter.filter_response}.
        """
        identifier = exchange.outbound.fields.get(self._field)
        if identifier is not None:
            response.fields.set(self._field, identifier)


@component(RequestIDSettings)
def request_id(settings: RequestIDSettings, environment: Environment) -> RequestID:
    """
    Make the filter.
    """
    return RequestID(environment.random, settings.field)
