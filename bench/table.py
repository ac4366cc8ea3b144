"""
The tables that are printed, and that the documentation shows.
"""

from collections.abc import Sequence

from bench.figures import Measure
from bench.goals import GOALS, Goal
from bench.results import Results
from bench.rows import ROWS

NONE = "n/a"
FAILED = "error"

Table = list[list[str]]
"""
Lines of cells, as many in each; the first line is the heading.
"""


def figures_table(results: Results) -> Table:
    """
    Lay the figures out: a line a measure, a column a proxy, how far runs lie apart, and the ratios.
    """
    lines = [
        _line(results, row, measure)
        for row in results.rows
        if row in ROWS
        for measure in ROWS[row].workload.measures
    ]
    return [_heading(results), *lines]


def goals_table(results: Results) -> Table:
    """
    Lay out what was to be reached, as far as it was measured.
    """
    lines = [_goal(goal, results) for goal in GOALS if goal.was_measured(results)]
    return [["to reach", "is", "least", "aim", "verdict"], *lines]


def remarks(results: Results) -> list[str]:
    """
    Say why cells are empty or failed.
    """
    rows: dict[tuple[str, str], list[str]] = {}
    for (row, peer), reason in {**results.failures, **results.gaps}.items():
        rows.setdefault((peer, reason), []).append(row)
    return [f"{peer}: {reason} ({', '.join(where)})" for (peer, reason), where in rows.items()]


def aligned(table: Table) -> list[str]:
    """
    Draw a table: the first two columns to the left, the others to the right.
    """
    return ["  ".join(line).rstrip() for line in padded(table)]


def padded(table: Table) -> Table:
    """
    Make all cells of a column equally wide.
    """
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [_padded(line, widths) for line in table]


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        text.ljust(width) if column == 0 else text.rjust(width)
        for column, (text, width) in enumerate(zip(line, widths, strict=True))
    ]


def _heading(results: Results) -> list[str]:
    ratios = [f"best/{ours}" for ours in results.ours()]
    return ["row", "unit", *results.versions, "spread", *ratios]


def _line(results: Results, row: str, measure: Measure) -> list[str]:
    cells = [_cell(results, row, peer, measure.key) for peer in results.versions]
    leads = [results.lead(row, measure.key, ours) for ours in results.ours()]
    ratios = [NONE if lead is None else f"{lead:.2f}" for lead in leads]
    name = f"{row} {measure.label}".strip()
    return [name, measure.unit, *cells, _spread(results, row, measure.key), *ratios]


def _cell(results: Results, row: str, peer: str, key: str) -> str:
    if (row, peer) in results.failures:
        return FAILED
    value = results.median(row, peer, key)
    return NONE if value is None else significant(value)


def _spread(results: Results, row: str, key: str) -> str:
    spreads = [spread for peer in results.versions if (spread := results.get(row, peer, key)) is not None]
    widest = max((spread.width for spread in spreads if len(spread.runs) > 1), default=None)
    return NONE if widest is None else f"{widest:.0%}"


def significant(value: float) -> str:
    """
    Write a value with three significant digits, but all those before the point.
    """
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{digits}f}"


def _goal(goal: Goal, results: Results) -> list[str]:
    value = goal.figure(results)
    shown = NONE if value is None else f"{value:.2f}{goal.unit}"
    what = goal.what if goal.where is None else f"{goal.what} ({goal.where(results)})"
    aim = NONE if goal.aim == goal.least else f"{goal.aim:g}{goal.unit}"
    return [what, shown, f"{goal.least:g}{goal.unit}", aim, goal.verdict(value)]
