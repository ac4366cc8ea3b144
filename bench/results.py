"""
The figures of a benchmark, and the ratios between them.
"""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from bench.measure import Figure, median_figure
from bench.peers import OURS

YARDSTICK = "nginx"
"""
The peer with which revproxy is compared by name.
"""


@dataclass
class Results:
    """
    All that was measured.

    @ivar versions: the version of each proxy that took part, by its name.
    @ivar figures: every run's figure, by row and proxy.
    @ivar failures: why a row has no figure, by row and proxy.
    """

    versions: dict[str, str]
    figures: dict[tuple[str, str], list[Figure]] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, row: str, peer: str, figure: Figure) -> None:
        """
        Take a run's figure.
        """
        self.figures.setdefault((row, peer), []).append(figure)

    def fail(self, row: str, peer: str, reason: str) -> None:
        """
        Take a run's failure.  A row that failed once has no figure, however well it went at other times.
        """
        self.failures[row, peer] = reason

    def get(self, row: str, peer: str) -> Figure | None:
        """
        Look up the median run's figure, or L{None} where the row failed or was not run.
        """
        if (row, peer) in self.failures or (row, peer) not in self.figures:
            return None
        return median_figure(self.figures[row, peer])

    def lead(self, row: str, ours: str) -> float | None:
        """
        Divide the best peer's CPU by ours: above 1, we are ahead.
        """
        mine = self.get(row, ours)
        others = [self.get(row, peer) for peer in self.versions if peer not in OURS]
        costs = [other.cpu for other in others if other is not None]
        return min(costs) / mine.cpu if mine is not None and costs else None

    def of_yardstick(self, row: str, ours: str) -> float | None:
        """
        Divide our CPU by nginx's: how many times as much a request costs.
        """
        mine, other = self.get(row, ours), self.get(row, YARDSTICK)
        return mine.cpu / other.cpu if mine is not None and other is not None else None

    def ours(self) -> list[str]:
        """
        List the names under which revproxy took part.
        """
        return [name for name in OURS if name in self.versions]

    def as_json(self, rows: Sequence[str]) -> dict[str, object]:
        """
        Put it all into what C{json.dumps} takes.
        """
        return {
            "machine": _machine(),
            "versions": self.versions,
            "rows": {row: self._row(row) for row in rows},
        }

    def _row(self, row: str) -> dict[str, object]:
        peers = {peer: self._cell(row, peer) for peer in self.versions}
        ratios = {
            ours: {
                "best peer / ours": self.lead(row, ours),
                f"ours / {YARDSTICK}": self.of_yardstick(row, ours),
            }
            for ours in self.ours()
        }
        return {"peers": peers, "ratios": ratios}

    def _cell(self, row: str, peer: str) -> dict[str, object]:
        if (row, peer) in self.failures:
            return {"failure": self.failures[row, peer]}
        figure = self.get(row, peer)
        if figure is None:
            return {}
        runs = [round(each.cpu, 2) for each in self.figures[row, peer]]
        return {"cpu": round(figure.cpu, 2), **asdict(figure), "runs": runs}


def _machine() -> dict[str, object]:
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def _processor() -> str:
    with open("/proc/cpuinfo") as lines:
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
