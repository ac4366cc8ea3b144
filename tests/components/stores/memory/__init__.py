"""
The store C{memory}.
"""
