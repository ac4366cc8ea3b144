"""
Health checks: how it is found out whether a server is well.
"""
