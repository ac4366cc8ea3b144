"""
Answers that the proxy gives itself.
"""

from __future__ import annotations

from revproxy.errors import ExchangeError
from revproxy.exchange import Exchange, Reply, Request, Response
from revproxy.interfaces import IDownstream
from revproxy.wire.fields import Fields
from revproxy.wire.framing import response_has_body
from revproxy.wire.refusal import REASONS, refusal


def refusal_reply(error: ExchangeError, request: Request) -> Reply:
    """
    @return: the answer that an error becomes; it tells the client nothing but the
        status, when to ask again, and what a cache did.
    """
    content_type, body = refusal(error.status, request.fields.combined(b"accept"))
    fields = [(b"content-type", content_type)]
    if error.retry_after is not None:
        fields.append((b"retry-after", b"%d" % error.retry_after))
    if error.cache_status is not None:
        fields.append((b"cache-status", error.cache_status))
    return Reply(error.status, fields, body)


def respond(downstream: IDownstream, exchange: Exchange, reply: Reply) -> None:
    """
    Send a whole answer; a 204 or 304 has no body, whatever the reply says.
    """
    fields, body = Fields(reply.fields), reply.body
    if not response_has_body(reply.status, b"GET"):
        downstream.begin(Response(reply.status, REASONS.get(reply.status, b""), fields, None))
        downstream.end()
        return
    if body is None:
        content_type, body = refusal(reply.status, exchange.request.fields.combined(b"accept"))
        fields.set(b"content-type", content_type)
    response = Response(reply.status, REASONS.get(reply.status, b""), fields, len(body))
    downstream.begin(response)
    downstream.write(body)
    downstream.end()
