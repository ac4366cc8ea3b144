"""
Answering exchanges from what was kept of earlier ones.

What may be kept and used is decided in L{revproxy.wire.caching}; where it is kept is the
affair of an L{ICacheStore}.  Here the two meet the exchange.
"""
