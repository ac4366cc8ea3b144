"""
Finding out which servers an upstream has: look-ups of names, and files of servers.
"""
