"""
The registry of components.
"""
