"""
The documentation's tables: C{python -m bench.document} writes them anew from the latest results on record.
"""

from bench.record import CHECKOUT, newest
from bench.results import Results
from bench.table import Table, figures_table, goals_table, padded, remarks

PAGE = CHECKOUT / "docs" / "performance-results.inc"
"""
What C{docs/performance.rst} includes.
"""

_HEAD = """\
.. Written by python -m bench.document from the newest file in bench/results/.

Commit {commit}{dirty}, {date}, {runs} of {seconds} s each{quick}.
Python {python}, Linux {kernel}, {processor}.
{versions}.
"""


def page(results: Results) -> str:
    """
    Write the tables as reStructuredText.
    """
    about = results.about
    head = _HEAD.format(
        commit=about["commit"],
        dirty=" with changes" if about["dirty"] else "",
        date=about["date"],
        quick=" (--quick)" if about["quick"] else "",
        runs=f"{about['runs']} run{'s' if about['runs'] != 1 else ''}",
        seconds=about["seconds"],
        python=about["python"],
        kernel=about["kernel"],
        processor=about["processor"],
        versions="; ".join(f"{name} {version}" for name, version in results.versions.items()),
    )
    tables = [*simple_table(figures_table(results)), "", *simple_table(goals_table(results)), ""]
    return "\n".join([head, *tables, *(f"* {remark}" for remark in remarks(results)), ""])


def simple_table(table: Table) -> list[str]:
    """
    Draw a table between rules; a cell of the first column must not be empty but in the heading.
    """
    lines = padded(table)
    rule = "  ".join("=" * len(cell) for cell in lines[0])
    heading, *rest = ["  ".join(line).rstrip() for line in lines]
    return [rule, heading, rule, *rest, rule]


def update() -> None:
    """
    Write the tables anew, if there are results.
    """
    results = newest()
    if results is not None:
        PAGE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    update()
