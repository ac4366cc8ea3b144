"""
The store C{tiered}.
"""
