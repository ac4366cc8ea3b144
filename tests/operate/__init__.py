"""
Tests of L{revproxy.operate}.
"""
