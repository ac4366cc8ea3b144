"""
The figures of a benchmark, and the ratios between them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.figures import Figures
from bench.peers import OURS, YARDSTICK


@dataclass(frozen=True)
class Spread:
    """
    What several runs came to.

    @ivar runs: the value of each, at least one.
    """

    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """
        The value in the middle.
        """
        return median(self.runs)

    @property
    def width(self) -> float:
        """
        How far the runs lie apart, as a share of the median.
        """
        return (max(self.runs) - min(self.runs)) / self.median if self.median else 0.0

    def as_json(self) -> dict[str, object]:
        """
        Put it into what C{json.dumps} takes.
        """
        return {
            "median": _rounded(self.median),
            "least": _rounded(min(self.runs)),
            "most": _rounded(max(self.runs)),
            "runs": [_rounded(run) for run in self.runs],
        }


@dataclass
class Results:
    """
    All that was measured.

    @ivar about: when, where and how it was measured.
    @ivar versions: the version of each proxy that took part, by its name.
    @ivar rows: the names of the rows, in order.
    @ivar figures: every run's figures, by row and proxy.
    @ivar failures: what went wrong, by row and proxy.
    @ivar gaps: why a proxy takes no part in a row, by row and proxy.
    """

    about: Mapping[str, Any]
    versions: dict[str, str]
    rows: list[str]
    figures: dict[tuple[str, str], list[Figures]] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    gaps: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, row: str, peer: str, figures: Figures) -> None:
        """
        Take a run's figures.
        """
        self.figures.setdefault((row, peer), []).append(figures)

    def fail(self, row: str, peer: str, reason: str) -> None:
        """
        Take a run's failure.  A row that failed once has no figure, however well it went at other times.
        """
        self.failures[row, peer] = reason

    def leave_out(self, row: str, peer: str, reason: str) -> None:
        """
        Note that a proxy takes no part in a row.
        """
        self.gaps[row, peer] = reason

    def is_out(self, row: str, peer: str) -> bool:
        """
        Tell whether a row has no figure for a proxy, and will get none.
        """
        return (row, peer) in self.failures or (row, peer) in self.gaps

    def get(self, row: str, peer: str, key: str) -> Spread | None:
        """
        Look a value up, or give L{None} where the row failed or was not run.
        """
        figures = self.figures.get((row, peer))
        if not figures or self.is_out(row, peer):
            return None
        return Spread(tuple(run[key] for run in figures))

    def median(self, row: str, peer: str, key: str) -> float | None:
        """
        Look up what a value is in the middle of the runs.
        """
        spread = self.get(row, peer, key)
        return spread.median if spread is not None else None

    def lead(self, row: str, key: str, ours: str, peers: Iterable[str] | None = None) -> float | None:
        """
        Divide the best peer's value by ours: above 1, we are ahead.

        @param peers: those that count, all by default.
        """
        mine = self.median(row, ours, key)
        others = [name for name in self.versions if name not in OURS] if peers is None else peers
        values = [value for name in others if (value := self.median(row, name, key)) is not None]
        return min(values) / mine if mine and values else None

    def of_yardstick(self, row: str, key: str, ours: str) -> float | None:
        """
        Divide our value by nginx's: how many times as much it is.
        """
        mine, other = self.median(row, ours, key), self.median(row, YARDSTICK, key)
        return mine / other if mine is not None and other else None

    def ours(self) -> list[str]:
        """
        List the names under which revproxy took part.
        """
        return [name for name in OURS if name in self.versions]

    def as_json(self) -> dict[str, object]:
        """
        Put it all into what C{json.dumps} takes.
        """
        rows = {row: {peer: self._cell(row, peer) for peer in self.versions} for row in self.rows}
        return {"about": dict(self.about), "versions": self.versions, "rows": rows}

    def _cell(self, row: str, peer: str) -> dict[str, object]:
        place = (row, peer)
        if place in self.failures:
            return {"failure": self.failures[place]}
        if place in self.gaps:
            return {"gap": self.gaps[place]}
        runs = self.figures.get(place, [])
        keys = runs[0] if runs else ()
        return {key: Spread(tuple(run[key] for run in runs)).as_json() for key in keys}


def from_json(written: Mapping[str, Any]) -> Results:
    """
    Read what L{Results.as_json} made.
    """
    results = Results(written["about"], dict(written["versions"]), list(written["rows"]))
    for row, peers in written["rows"].items():
        for peer, cell in peers.items():
            _read_cell(results, row, peer, cell)
    return results


def _read_cell(results: Results, row: str, peer: str, cell: Mapping[str, Any]) -> None:
    if "failure" in cell:
        results.fail(row, peer, cell["failure"])
    elif "gap" in cell:
        results.leave_out(row, peer, cell["gap"])
    else:
        values = [cell[key]["runs"] for key in cell]
        for run in zip(*values, strict=True):
            results.add(row, peer, dict(zip(cell, run, strict=True)))


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")
