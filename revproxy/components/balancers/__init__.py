"""
Balancers: how the server of an upstream is chosen.
"""
