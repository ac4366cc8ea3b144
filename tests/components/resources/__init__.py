"""
Resources.
"""
