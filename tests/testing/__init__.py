"""
The contracts, on components that keep and that break them.
"""
