"""
The configuration file.
"""
