"""
A reverse proxy that is a Twisted application.
"""
