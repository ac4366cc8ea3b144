"""
Tests of L{revproxy.embedded}.
"""
