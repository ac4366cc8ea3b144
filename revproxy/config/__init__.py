"""
The configuration file: read with positions, checked whole, given as frozen models.
"""
