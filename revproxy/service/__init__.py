"""
The composition root: from the settings of a file to a running proxy.
"""
