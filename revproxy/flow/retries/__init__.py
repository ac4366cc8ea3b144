"""
Trying another server, where that is safe.
"""
