"""
Tests of L{revproxy.flow.retries}.
"""
