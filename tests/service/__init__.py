"""
From settings to a running proxy.
"""
