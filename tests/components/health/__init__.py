"""
Health checks.
"""
