"""
Tests of L{revproxy.flow.caching}.
"""
