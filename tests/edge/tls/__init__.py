"""
Tests of TLS on both sides.
"""
