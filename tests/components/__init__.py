"""
The components that come with the proxy.
"""
