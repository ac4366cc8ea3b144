"""
Loads that wrk cannot make, and the WebSocket server behind the proxies.

Each generator is a program, so that it runs on the core of the load: its arguments are the port of 127.0.0.1
and how many seconds to go on, then its own; it prints a JSON object.
"""
