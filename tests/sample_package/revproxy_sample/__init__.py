"""
A balancer and a filter for revproxy.
"""
