"""
Where connections come in and go out: endpoints, TLS, HTTP/1, the resource tree.
"""
