"""
The components that come with the proxy, a file for each or for a close family.
"""
