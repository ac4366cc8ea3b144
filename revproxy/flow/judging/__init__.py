"""
How servers do, and what follows from it.
"""
