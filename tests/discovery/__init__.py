"""
Tests of L{revproxy.discovery}.
"""
