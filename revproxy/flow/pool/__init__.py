"""
The servers of an upstream: which of them can be used, which is, and their connections.
"""
