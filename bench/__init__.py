"""
Side-by-side benchmarks of revproxy and its peers: C{python -m bench}.

One core runs the origin (nginx) and the load (wrk), another the proxy under test.  What counts is the CPU
time that the proxy spends a request: it holds still where requests a second depend on whatever else is the
bottleneck.

Every peer is set up as lean as it goes: one process or thread, no log, connections kept alive on both sides,
and TLS sessions never resumed.
"""
