"""
The tests of L{revproxy}: the same tree, C{test_} before each name.
"""
