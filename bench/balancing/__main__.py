"""
Simulates all balancers and draws the chart of the documentation.
"""

from bench.balancing.chart import PICTURE, duration, picture
from bench.balancing.simulation import outcomes

if __name__ == "__main__":
    found = outcomes()
    for label, outcome in found.items():
        p50, p99 = duration(outcome.p50), duration(outcome.p99)
        print(f"{label:30} p50 {p50:>8}  p99 {p99:>8}  slow {outcome.slow:.1%}")
    PICTURE.write_text(picture(found), encoding="utf-8")
