"""
A reverse proxy that is a Twisted application.
"""

import os

from revproxy.compiled import use_sources, why_sources

WHY_SOURCES = why_sources(__path__[0], os.environ)
"""
Why the package runs from its sources; L{None} where what is compiled runs compiled.
"""

if WHY_SOURCES is not None:
    use_sources(__path__[0])
