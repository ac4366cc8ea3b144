"""
C{limits} and C{timeouts}: how much a client may ask for, and how long it may take.
"""

from __future__ import annotations

from revproxy.config.settings import Settings, option
from revproxy.config.units import Amount, Duration, Size


class LimitSettings(Settings):
    """
    How much a client may ask for.
    """

    request_line: Size = option("8KiB", "The request line; a longer one is answered 414.")
    head: Size = option("32KiB", "All header fields of a request together; more is answered 431.")
    fields: int = option(100, "Number of header fields of a request; more is answered 431.", ge=1)
    body: Amount = option("1GiB", "The body of a request; a larger one is answered 413.")
    least_body_rate: Amount = option(
        "500B",
        "Bytes a second that a request's body must come with, after timeouts.body_grace, or 408; 0 for any.",
    )
    requests: int = option(1000, "Requests on a connection; it is closed after the last.", ge=1)
    connections: int = option(10_000, "Clients' connections at once; further ones are refused.", ge=1)


class TimeoutSettings(Settings):
    """
    How long a client may take.
    """

    head: Duration = option("10s", "Until the head of a request is there, or 408.")
    body_grace: Duration = option("10s", "How long a body may come slower than limits.least_body_rate.")
    idle: Duration = option("75s", "How long an unused connection is kept.")
    slow_reader: Duration = option(
        "60s", "How long a client may take nothing of a response that waits for it."
    )
    continue_: Duration = option(
        "1s",
        "How long a client that expects 100 Continue waits for the upstream's before ours.",
        alias="continue",
    )
    half_closed: Duration = option(
        "1s", "How long an answer may take to a client that has closed its sending side, or left altogether."
    )
