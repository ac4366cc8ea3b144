"""
C{retry}, C{hedge}, C{outliers} and C{circuit_breaker} of an upstream.
"""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from revproxy.config.conditions import Condition, Retriable, Share, SomeShare
from revproxy.config.settings import Settings, option
from revproxy.config.units import Amount, Delay, Duration, Rate
from revproxy.config.values import Method
from revproxy.errors import CONDITIONS

_FAILURES = [*CONDITIONS, *(500, 502, 503, 504)]


class RetrySettings(Settings):
    """
    When a request goes to another server.  What may have been seen by one goes to
    another only by a method that may be repeated, and with all of its body.
    """

    tries: int = option(3, "To how many servers a request may go; 1 for no retries.", ge=1, le=100)
    on: list[Retriable] = option(
        ["connect-failure", "reset-before-response"],
        "After what: connect-failure, reset-before-response, malformed-response, timeout, and statuses"
        " such as 503.",
        min_length=1,
    )
    methods: list[Method] = option(
        ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"],
        "What may be sent twice.  With POST among them, a form may be sent twice.",
    )
    replay: Amount = option("64KiB", "The largest body of a request that is kept to be sent again.")
    per_try_timeout: Delay = option(
        0,
        "For one try until the response begins, the connection included; 0 for as long as timeouts allow."
        " Needs timeout among 'on'.",
    )
    backoff: Delay = option(
        "25ms", "The longest wait before the second retry, twice as long before each further one; 0 for none."
    )
    backoff_most: Duration = option("250ms", "The longest that it comes to.")
    budget: Share = option(
        "20%", "The share of the requests that may be sent again because a server that got them failed."
    )
    budget_least: Rate = option("10/s", "How many may be in any case.")

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.per_try_timeout and "timeout" not in self.on:
            raise ValueError("with per_try_timeout another server is tried only where timeout is among 'on'")
        if self.backoff > self.backoff_most:
            raise ValueError("backoff is longer than backoff_most")
        return self


class HedgeSettings(Settings):
    """
    When a second server is asked, too, for a request that changes nothing (GET, HEAD, OPTIONS without a
    body).  The first answer is taken.  It counts against retry.budget.
    """

    delay: Duration | None = option(
        None, "After so long without an answer; with percentile the least that it may come to."
    )
    percentile: int | None = option(
        None,
        "After the time within which so many per cent of the servers that were asked first began to answer,"
        " of the last 1000 requests; never before 100 are known.",
        ge=50,
        le=99,
    )

    @model_validator(mode="after")
    def _need_one(self) -> Self:
        if self.delay is None and self.percentile is None:
            raise ValueError("needs a delay or a percentile")
        return self


class OutlierSettings(Settings):
    """
    When a server is left alone for a while, by how it answered.
    """

    consecutive: int = option(5, "After so many failures in a row; 0 for never.", ge=0)
    failure_rate: Share = option("0%", "At this share of failures; 0% for never.")
    window: Duration = option("10s", "Over which the share is taken.")
    least_requests: int = option(20, "Of fewer in the window no share is taken.", ge=1)
    ejection: Duration = option("10s", "For how long; twice as long each time it happens again.")
    ejection_most: Duration = option("5m", "The longest that it comes to.")
    most_ejected: Share = option("50%", "If more of the servers would be left alone, all are used.")
    on: list[Condition] = option(_FAILURES, "What is a failure.", min_length=1)

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if not self.consecutive and not self.failure_rate:
            raise ValueError(
                "consecutive or failure_rate has to be more than 0, or no server is ever left alone"
            )
        if self.ejection > self.ejection_most:
            raise ValueError("ejection is longer than ejection_most")
        return self


class BreakerSettings(Settings):
    """
    When the whole upstream is left alone for a while, and everything answered with 503 at once.
    """

    failure_rate: SomeShare = option("50%", "At this share of failures.")
    latency: Delay = option(0, "An answer that took so long is a failure, too; 0 for none.")
    window: Duration = option("10s", "Over which the share is taken.")
    least_requests: int = option(20, "Of fewer in the window no share is taken.", ge=1)
    open: Duration = option("10s", "For how long.")
    trials: int = option(3, "How many requests are let through then, and have to go well.", ge=1)
    on: list[Condition] = option(_FAILURES, "What is a failure.")

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if not self.on and not self.latency:
            raise ValueError("without a latency there has to be something among 'on'")
        return self
