"""
Tests of L{revproxy.flow.judging}.
"""
