"""
From the settings of an upstream to the upstream, with all that looks after it.
"""

from __future__ import annotations

from typing import NamedTuple, cast

from twisted.application.service import MultiService

from revproxy.config.health_checks import HealthCheckSettings
from revproxy.config.retries import BreakerSettings, HedgeSettings, OutlierSettings, RetrySettings
from revproxy.config.servers import ServerFileSettings
from revproxy.config.upstreams import UpstreamSettings
from revproxy.discovery.discovery import Discovery
from revproxy.edge.tls.client import UpstreamTLS
from revproxy.edge.tls.options import ClientTLS
from revproxy.flow.conditions import Conditions
from revproxy.flow.judging.breaker import BreakerTerms, CircuitBreaker
from revproxy.flow.judging.health import HealthChecks, Schedule
from revproxy.flow.judging.outliers import OutlierDetection, OutlierTerms
from revproxy.flow.pool.events import Events
from revproxy.flow.pool.terms import UpstreamTerms, UpstreamTimeouts
from revproxy.flow.pool.upstream import Upstream
from revproxy.flow.retries.budget import RetryBudget
from revproxy.flow.retries.hedge_delay import HedgeDelay
from revproxy.flow.retries.policy import RetryPolicy, RetryTerms
from revproxy.interfaces import IBalancer, IHealthChecker
from revproxy.registry import ComponentSpec
from revproxy.service.context import Workshop
from revproxy.service.discovery import build_discovery
from revproxy.service.servers import ServerMaker


class BuiltUpstream(NamedTuple):
    """
    @ivar tls: what has certificates to watch, where a server speaks TLS.
    @ivar care: what looks after the servers, while it runs.
    @ivar discovery: the part of that which finds them.
    """

    upstream: Upstream
    tls: UpstreamTLS | None
    care: MultiService
    discovery: Discovery


def build_upstream(name: str, settings: UpstreamSettings, workshop: Workshop) -> BuiltUpstream:
    """
    @raise CertificateError: a file of the upstream's TLS cannot be used.
    @raise ComponentError: its balancer or its health check cannot be made.
    @raise ConfigurationError: a file of servers cannot be used.
    """
    tls = UpstreamTLS(_tls_options(settings), workshop.now()) if _may_be_secure(settings) else None
    maker = ServerMaker(settings, tls, workshop)
    events = Events(name)
    upstream = Upstream(
        name,
        (),
        workshop.registry.build(IBalancer, settings.balancer, workshop.environment),
        workshop.reactor,
        _retry_policy(settings.retry, workshop),
        _terms(settings, maker.weight_scale),
        events,
        _outliers(settings.outliers, workshop, events),
        _breaker(settings.circuit_breaker, workshop, events),
        _hedge_delay(settings.hedge),
        settings.balancer.type,
    )
    care = MultiService()
    if settings.health_check is not None:
        _health_checks(settings.health_check, upstream, workshop).setServiceParent(care)
    discovery = build_discovery(settings, maker, upstream, workshop)
    discovery.setServiceParent(care)
    return BuiltUpstream(upstream, tls, care, discovery)


def _may_be_secure(settings: UpstreamSettings) -> bool:
    """
    Whether a server speaks TLS, or one may come that does.
    """
    return any(isinstance(entry, ServerFileSettings) or entry.url.secure for entry in settings.servers)


def _terms(settings: UpstreamSettings, weight_scale: int) -> UpstreamTerms:
    return UpstreamTerms(
        settings.host,
        frozenset(settings.upgrades),
        UpstreamTimeouts(**dict(settings.timeouts)),
        settings.connections.queue,
        settings.connections.queue_timeout,
        1.0 if settings.outliers is None else settings.outliers.most_ejected,
        weight_scale,
    )


def _retry_policy(settings: RetrySettings, workshop: Workshop) -> RetryPolicy:
    terms = RetryTerms(
        settings.tries,
        _conditions(settings.on),
        frozenset(settings.methods),
        settings.replay,
        settings.per_try_timeout,
        settings.backoff,
        settings.backoff_most,
    )
    budget = RetryBudget(workshop.reactor.seconds, settings.budget, settings.budget_least)
    return RetryPolicy(workshop.random, terms, budget)


def _outliers(
    settings: OutlierSettings | None, workshop: Workshop, events: Events
) -> tuple[OutlierDetection, ...]:
    if settings is None:
        return ()
    terms = OutlierTerms(
        settings.consecutive,
        settings.failure_rate,
        settings.window,
        settings.least_requests,
        settings.ejection,
        settings.ejection_most,
        _conditions(settings.on),
    )
    return (OutlierDetection(workshop.reactor, terms, events),)


def _breaker(settings: BreakerSettings | None, workshop: Workshop, events: Events) -> CircuitBreaker | None:
    if settings is None:
        return None
    terms = BreakerTerms(
        settings.failure_rate,
        settings.latency,
        settings.window,
        settings.least_requests,
        settings.open,
        settings.trials,
        _conditions(settings.on),
    )
    return CircuitBreaker(workshop.reactor.seconds, terms, events)


def _hedge_delay(settings: HedgeSettings | None) -> HedgeDelay | None:
    if settings is None:
        return None
    return HedgeDelay(settings.delay or 0.0, (settings.percentile or 0) / 100)


def _health_checks(spec: ComponentSpec, upstream: Upstream, workshop: Workshop) -> HealthChecks:
    settings = cast(HealthCheckSettings, spec.settings)
    schedule = Schedule(
        settings.interval,
        settings.down_interval,
        settings.jitter,
        settings.timeout,
        settings.rise,
        settings.fall,
    )
    checker = workshop.registry.build(IHealthChecker, spec, workshop.environment)
    return HealthChecks(
        upstream.members, checker, schedule, workshop.reactor, workshop.random, upstream.events
    )


def _conditions(written: list[str | int]) -> Conditions:
    names = [each for each in written if isinstance(each, str)]
    return Conditions(names, [each for each in written if isinstance(each, int)])


def _tls_options(settings: UpstreamSettings) -> ClientTLS:
    tls = settings.tls
    own = tls.client_certificate
    return ClientTLS(tls.ca, None if own is None else (own.certificate, own.key), tls.server_name, tls.verify)
