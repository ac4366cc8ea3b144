"""
Tests of L{bench}.
"""
