"""
The head of a response, through the filters and to the client.
"""

from __future__ import annotations

from collections.abc import Sequence

from revproxy.errors import ExchangeError
from revproxy.exchange import Exchange, Response
from revproxy.flow.unforeseen import as_exchange_error
from revproxy.interfaces import IResponseFilter


def begin_response(
    exchange: Exchange, filters: Sequence[IResponseFilter], response: Response
) -> ExchangeError | None:
    """
    Let the filters change the head, and send it.

    @return: what went wrong; then nothing was sent.
    """
    try:
        for response_filter in filters:
            response_filter.filter_response(exchange, response)
        exchange.downstream.begin(response)
    except Exception as error:
        return as_exchange_error(error, "the head of the response")
    return None
