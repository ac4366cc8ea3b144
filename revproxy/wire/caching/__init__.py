"""
What a shared cache may keep and give out: RFC 9111, and what of RFC 9110 it needs.

Rules alone: no store, no clock, no I/O.  Times are seconds of the Unix epoch and come
as arguments.  What a response says is read once, when it is kept; a hit compares a
few numbers.
"""
