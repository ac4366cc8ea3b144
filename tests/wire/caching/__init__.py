"""
Tests of the rules of caching.
"""
