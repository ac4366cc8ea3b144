"""
Tests with real sockets, real processes and peers that others wrote.
"""
