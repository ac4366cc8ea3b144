"""
Resources: what answers requests in the proxy itself.
"""
