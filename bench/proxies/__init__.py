"""
The proxies: how each is configured and called.

Each adds X-Forwarded-For, -Proto, -Host and -Port, hands the Host field on, keeps its connections to the
origin, logs nothing and runs on one core; where one cannot, its class says so.
"""
