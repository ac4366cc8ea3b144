"""
The components keep revproxy's contracts, and do what they are for.
"""
