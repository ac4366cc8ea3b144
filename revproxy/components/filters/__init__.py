"""
Filters: what looks at requests and responses on their way.
"""
