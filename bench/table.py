"""
The table that is printed.
"""

from collections.abc import Sequence

from bench.results import YARDSTICK, Results

NONE = "-"
FAILED = "error"


def render(results: Results, rows: Sequence[str]) -> str:
    """
    Draw the results: a line a row, a column a proxy, then two ratio columns for each form of revproxy.

    @param rows: the rows' names, in order.
    @return: lines, each ended.  Below the table stands why a cell says C{error}.
    """
    table = [_heading(results), *(_line(results, row) for row in rows)]
    reasons = [f"{row}, {peer}: {reason}" for (row, peer), reason in results.failures.items()]
    return "\n".join(["CPU microseconds a request", *_aligned(table), *reasons, ""])


def _heading(results: Results) -> list[str]:
    ratios = [heading for ours in results.ours() for heading in ("best/ours", f"ours/{YARDSTICK}")]
    return ["row", *results.versions, *ratios]


def _line(results: Results, row: str) -> list[str]:
    cells = [_cell(results, row, peer) for peer in results.versions]
    ratios = [
        NONE if ratio is None else f"{ratio:.2f}"
        for ours in results.ours()
        for ratio in (results.lead(row, ours), results.of_yardstick(row, ours))
    ]
    return [row, *cells, *ratios]


def _cell(results: Results, row: str, peer: str) -> str:
    if (row, peer) in results.failures:
        return FAILED
    figure = results.get(row, peer)
    if figure is None:
        return NONE
    return f"{figure.cpu:.1f}" if figure.cpu < 1000 else f"{figure.cpu:.0f}"


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(_padded(line, widths)).rstrip() for line in table]


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *rest = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest)]
