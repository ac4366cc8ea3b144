"""
Tests of the reactor; Twisted's own, and what needs sockets, are in C{tests/live}.
"""
