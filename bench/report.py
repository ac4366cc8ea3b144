"""
What is printed at the end.
"""

from bench.results import Results
from bench.table import aligned, figures_table, goals_table, remarks


def report(results: Results) -> str:
    """
    Write the results for a terminal.

    @return: lines, each ended.  Without a figure of revproxy's there is no table of what was to be reached.
    """
    versions = "; ".join(f"{name} {version}" for name, version in results.versions.items())
    goals = ["", *aligned(goals_table(results))] if results.ours() else []
    return "\n".join([versions, "", *aligned(figures_table(results)), *goals, "", *remarks(results), ""])
