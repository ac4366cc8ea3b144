"""
What the project wants to reach, and whether it has.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import CPU
from bench.peers import YARDSTICK
from bench.results import Results
from bench.rows import PICKS, ROWS
from bench.workloads.lookups import MANY as ENTRIES
from bench.workloads.picks import FEW, MANY

OURS = "revproxy"
"""
The form of revproxy that counts: the one that C{twistd revproxy} runs by itself.
"""

SCALING = ("routes-10000", "servers-1000")
MISS = ("miss", "uncached")
LOOKUP = ("lookup", "hit-1k")
"""
Rows about a cache, and those that they are compared with.
"""

MOST_GROWTH = 1.5
"""
How many times as much a pick may cost with a hundred times as many servers: what is found
by halving takes three steps among 10 and ten among 1000.
"""

ALONE = ("caddy", "apache")
ASIDE = ("16m-plain", "16m-tls")
"""
The rows in which Caddy and Apache httpd need not be beaten.
"""


@dataclass(frozen=True)
class Goal:
    """
    One thing to reach.

    @ivar row: the row that it is about, or nothing where it is about many.
    @ivar what: what it is about.
    @ivar figure: how it is computed; L{None} where a part of it was not measured.
    @ivar least: what must be reached.
    @ivar aim: what is wanted.
    @ivar ascending: whether more is better.
    @ivar unit: the unit of the figure, with a space before it.
    @ivar where: which row the figure is of, where that depends on the results.
    """

    row: str
    what: str
    figure: Callable[[Results], float | None]
    least: float
    aim: float
    ascending: bool = True
    unit: str = ""
    where: Callable[[Results], str] | None = None

    def was_measured(self, results: Results) -> bool:
        """
        Tell whether there is anything to say.
        """
        return results.is_out(self.row, OURS) or self.figure(results) is not None

    def verdict(self, value: float | None) -> str:
        """
        Say in words how a value compares with what is wanted.

        @param value: L{None} where revproxy failed, or did not keep up.
        """
        if value is None:
            return "missed"
        if self._reaches(value, self.aim):
            return "reached" if self.aim == self.least else "aim reached"
        return "least reached" if self._reaches(value, self.least) else "missed"

    def _reaches(self, value: float, wanted: float) -> bool:
        return value >= wanted if self.ascending else value <= wanted


def _lead(row: str, least: float, aim: float) -> Goal:
    return Goal(
        row, f"{row}: best peer / {OURS}", lambda results: results.lead(row, CPU.key, OURS), least, aim
    )


def _ahead_of(peer: str) -> Goal:
    return Goal(
        "",
        f"{peer} / {OURS}, in the worst row but those of 16 MB",
        lambda results: min(leads(results, peer).values(), default=None),
        1.0,
        1.0,
        where=lambda results: min((lead, row) for row, lead in leads(results, peer).items())[1],
    )


def leads(results: Results, peer: str) -> dict[str, float]:
    """
    Find our lead over a peer in CPU time, in all rows that both took part in.
    """
    rows = [name for name in results.rows if name in ROWS and CPU in ROWS[name].workload.measures]
    found = {row: results.lead(row, CPU.key, OURS, [peer]) for row in rows if row not in ASIDE}
    return {row: lead for row, lead in found.items() if lead is not None}


def growth(results: Results, row: str, base: str) -> float | None:
    """
    Divide our CPU time in one row by that in another.
    """
    value, one = results.median(row, OURS, CPU.key), results.median(base, OURS, CPU.key)
    return value / one if value is not None and one else None


def pick_growth(results: Results, row: str) -> float | None:
    """
    Divide what a pick costs among many servers by what it costs among few.
    """
    few, many = results.median(row, OURS, "few"), results.median(row, OURS, "many")
    return many / few if many is not None and few else None


def lookup_growth(results: Results) -> float | None:
    """
    Add what finding one entry among many costs more than finding the only one to what a hit costs, and divide
    by that.
    """
    lookup, hit = LOOKUP
    few, many = results.median(lookup, OURS, "few"), results.median(lookup, OURS, "many")
    one = results.median(hit, OURS, CPU.key)
    return (one + many - few) / one if few is not None and many is not None and one else None


GOALS = (
    _lead("1k-plain", 0.6, 1.0),
    _lead("1k-fields", 0.6, 1.0),
    _lead("64k-plain", 0.6, 1.0),
    _lead("16m-plain", 0.9, 1.2),
    _lead("1k-tls", 0.5, 1.0),
    _lead("64k-tls", 0.8, 1.1),
    _lead("handshake", 0.35, 0.8),
    *(_ahead_of(peer) for peer in ALONE),
    Goal(
        "latency",
        f"latency, p99: {OURS} / {YARDSTICK}",
        lambda results: results.of_yardstick("latency", "p99", OURS),
        1.5,
        1.5,
        ascending=False,
    ),
    Goal(
        "idle",
        "idle: memory of a connection",
        lambda results: results.median("idle", OURS, "memory"),
        16.0,
        16.0,
        ascending=False,
        unit=" KiB",
    ),
    *(
        Goal(
            row,
            f"{row}: CPU / that of {row.partition('-')[0]}-1",
            lambda results, row=row: growth(results, row, f"{row.partition('-')[0]}-1"),  # type: ignore[misc]
            1.05,
            1.05,
            ascending=False,
        )
        for row in SCALING
    ),
    *(
        Goal(
            f"pick-{name}",
            f"pick-{name}: among {MANY} / among {FEW}",
            lambda results, name=name: pick_growth(results, f"pick-{name}"),  # type: ignore[misc]
            MOST_GROWTH,
            MOST_GROWTH,
            ascending=False,
        )
        for name in PICKS
    ),
    _lead("hit-1k", 1.2, 2.0),
    _lead("hit-64k", 1.0, 1.3),
    Goal(
        "miss",
        "miss: CPU / that of uncached",
        lambda results: growth(results, *MISS),
        1.25,
        1.25,
        ascending=False,
    ),
    Goal(
        "lookup",
        f"a hit among {ENTRIES:,} entries / the only one",
        lookup_growth,
        1.1,
        1.05,
        ascending=False,
    ),
)
"""
In the order in which they are told.
"""
