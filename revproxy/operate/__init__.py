"""
What the operator looks at: the access log.
"""
