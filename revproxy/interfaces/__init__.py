"""
Every interface of the project.

Outsiders write components for those of L{revproxy.interfaces.components}.  The
others are how the parts of the proxy meet: protocols and the relay know each
other by them alone.
"""

from revproxy.interfaces.components import (
    IBalancer,
    IHealthChecker,
    ILoadObserver,
    IOutcomeObserver,
    IProbeTarget,
    IRequestFilter,
    IResponseFilter,
    IServer,
)
from revproxy.interfaces.downstream import IDownstream, IExchangeResource, IReceiver
from revproxy.interfaces.tunnels import IOutlet, ITunnelEnd
from revproxy.interfaces.upstream import (
    IAnswerReceiver,
    IConnectionOwner,
    IUpstreamClient,
    IUpstreamConnection,
)

__all__ = [
    "IAnswerReceiver",
    "IBalancer",
    "IConnectionOwner",
    "IDownstream",
    "IExchangeResource",
    "IHealthChecker",
    "ILoadObserver",
    "IOutcomeObserver",
    "IOutlet",
    "IProbeTarget",
    "IReceiver",
    "IRequestFilter",
    "IResponseFilter",
    "IServer",
    "ITunnelEnd",
    "IUpstreamClient",
    "IUpstreamConnection",
]
