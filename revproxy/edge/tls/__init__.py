"""
TLS on both sides: certificates and their files, listening, and verifying upstreams.
"""
