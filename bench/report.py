"""
What is printed at the end.
"""

from bench.results import Results
from bench.table import aligned, figures_table, goals_table, remarks


def report(results: Results) -> str:
    """
    Write the results for a terminal.

    @return: lines, each ended.  Where nothing was measured that is to be reached, there is no table of it.
    """
    versions = "; ".join(f"{name} {version}" for name, version in results.versions.items())
    tables = [figures_table(results), goals_table(results)]
    drawn = [line for table in tables if len(table) > 1 for line in ["", *aligned(table)]]
    return "\n".join([versions, *drawn, "", *remarks(results), ""])
