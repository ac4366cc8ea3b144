"""
What C{twistd revproxy} runs where no file tells it what to do.

L{configuration} has the shape of a configuration file, so that this goes the way of
any other from there on.
"""

from revproxy.embedded.certificate import own_certificate
from revproxy.embedded.configuration import PORTS, embedded_configuration, quick_configuration, quick_option
from revproxy.embedded.site import demonstration_site
from revproxy.embedded.state import state_directory

__all__ = [
    "PORTS",
    "demonstration_site",
    "embedded_configuration",
    "own_certificate",
    "quick_configuration",
    "quick_option",
    "state_directory",
]
