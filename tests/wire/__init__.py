"""
Tests of the rules of the protocols.
"""
