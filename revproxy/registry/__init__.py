"""
Which components there are: settings adapt to components, by name.

A component's factory takes its settings and an L{Environment}; it is registered as a
zope adapter from both to the component's interface, under the name that the file
uses.  A third party registers one by an entry point of the group
C{revproxy.<IInterface>}::

    [options.entry_points]
    revproxy.IBalancer =
        least-of-drawn = their_package.balancers:least_of_drawn

A factory only makes the object.  It is called when the file is checked, too: what
opens files or starts timers does so when it is started or first used.
"""

from revproxy.config.health_checks import HealthCheckSettings
from revproxy.config.settings import Settings, option, required
from revproxy.registry.components import (
    ComponentError,
    ComponentFactory,
    ComponentSpec,
    Environment,
    component,
)
from revproxy.registry.registry import EXTENSION_POINTS, Registry

__all__ = [
    "EXTENSION_POINTS",
    "ComponentError",
    "ComponentFactory",
    "ComponentSpec",
    "Environment",
    "HealthCheckSettings",
    "Registry",
    "Settings",
    "component",
    "option",
    "required",
]
