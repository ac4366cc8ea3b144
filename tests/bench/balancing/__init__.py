"""
Tests of L{bench.balancing}.
"""
