"""
Kinds of load, and what is measured under each.
"""
