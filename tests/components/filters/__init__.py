"""
Filters.
"""
