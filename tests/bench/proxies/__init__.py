"""
Tests of L{bench.proxies}.
"""
