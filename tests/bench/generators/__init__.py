"""
Tests of L{bench.generators}.
"""
