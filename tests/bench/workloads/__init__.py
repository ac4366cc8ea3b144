"""
Tests of L{bench.workloads}.
"""
