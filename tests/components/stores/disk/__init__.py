"""
The store C{disk}.
"""
