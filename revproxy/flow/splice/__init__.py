"""
Octets that go from one socket to another without coming into the process.

Where both connections are plain and nobody looks inside, the kernel moves large bodies
and the bulk of tunnels (splice(2)); the protocols only count.
"""
