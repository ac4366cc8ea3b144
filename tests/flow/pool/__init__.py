"""
Tests of L{revproxy.flow.pool}.
"""
