"""
A reverse proxy that is a Twisted application.
"""

from revproxy.compiled import WHY_SOURCES, use_sources

if WHY_SOURCES is not None:
    use_sources(__path__[0])
