"""
The life of an exchange: pool, relay, retries, bodies, tunnel.
"""
