"""
Tests of the edge: endpoints, TLS and HTTP/1.
"""
