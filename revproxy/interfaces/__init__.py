"""
Every interface of the project.

Outsiders write components for those of L{revproxy.interfaces.components}, and
stores of responses for those of L{revproxy.interfaces.caching}.  The others are how the parts of the
proxy meet: protocols and the relay know each other by them alone.
"""

from revproxy.interfaces.caching import Figures, ICacheStore, IKeeping, IKept, IOpenBody
from revproxy.interfaces.components import (
    IBalancer,
    IHealthChecker,
    IJudge,
    ILoadObserver,
    IOutcomeObserver,
    IProbeTarget,
    IRequestFilter,
    IResponseFilter,
    IServer,
)
from revproxy.interfaces.downstream import IDownstream, IExchangeResource, IReceiver
from revproxy.interfaces.tunnels import IFileSending, IOutlet, ITunnelEnd
from revproxy.interfaces.upstream import (
    IAnswerReceiver,
    IConnectionOwner,
    IUpstreamClient,
    IUpstreamConnection,
)

__all__ = [
    "Figures",
    "IAnswerReceiver",
    "IBalancer",
    "ICacheStore",
    "IConnectionOwner",
    "IDownstream",
    "IExchangeResource",
    "IFileSending",
    "IHealthChecker",
    "IJudge",
    "IKeeping",
    "IKept",
    "ILoadObserver",
    "IOpenBody",
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
