"""
Rules of the protocols: no I/O, no clock, standard library and parsers only.
"""
