"""
Balancers.
"""
