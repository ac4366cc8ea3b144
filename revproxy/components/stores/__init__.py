"""
Where the cache keeps responses.
"""
