"""
Tests of L{revproxy.flow}.
"""
