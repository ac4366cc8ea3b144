"""
Stores of the cache.
"""
