"""
What each balancer makes of a slow server: a simulation, and its chart for the documentation.
"""
