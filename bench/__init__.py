"""
Side-by-side benchmarks of revproxy and its peers: C{python -m bench}.

One core runs the origin (nginx) and the load, another the proxy under test.  What counts most is the CPU time
that the proxy spends a request: it holds still where requests a second depend on whatever else is the
bottleneck.

L{bench.rows} lists what is measured, L{bench.peers} which proxies; a row is a kind of load
(L{bench.workloads}) and a set-up (L{bench.setup}) that each proxy (L{bench.proxies}) makes a configuration
of.  L{bench.run} goes through them, L{bench.record} keeps the results with their commit, L{bench.goals} says
what was to be reached, and L{bench.document} writes the tables of the documentation.
"""
