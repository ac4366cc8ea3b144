"""
The chart of the documentation: C{python -m bench.balancing} draws it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log10
from xml.sax.saxutils import escape

from bench.balancing.simulation import Outcome
from bench.record import CHECKOUT

PICTURE = CHECKOUT / "docs" / "balancers.svg"
"""
What C{docs/upstreams.rst} shows.
"""

WIDTH, LEFT, RIGHT, TOP, LINE = 760, 210, 160, 44, 34
BAR = 11
LEAST, MOST = 0.001, 100.0
"""
The seconds at both ends of the axis, which is logarithmic.
"""

_PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
 font-family="sans-serif" font-size="12">
<title>Time to an answer by balancer, with one of ten servers ten times slower</title>
<rect width="{width}" height="{height}" fill="#ffffff"/>
{inside}
</svg>
"""


def picture(outcomes: Mapping[str, Outcome]) -> str:
    """
    Draw what came of the balancers, each on a line.

    @return: SVG.
    """
    height = TOP + LINE * len(outcomes) + 10
    parts = _axis(height)
    for number, (label, outcome) in enumerate(outcomes.items()):
        parts += _line(label, outcome, TOP + LINE * number)
    return _PICTURE.format(width=WIDTH, height=height, inside="\n".join(parts))


def duration(seconds: float) -> str:
    """
    Write a time with two significant digits or more.
    """
    if seconds >= 1:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds < 0.01 else f"{seconds * 1e3:.0f} ms"


def _axis(height: int) -> list[str]:
    parts = [
        _text(LEFT, 16, "half of the requests within (light), 99 in 100 within (dark)", "start"),
        _text(WIDTH - 10, 16, "to the slow server", "end"),
    ]
    for power in range(round(log10(LEAST)), round(log10(MOST)) + 1):
        x = _x(10.0**power)
        parts.append(f'<path d="M{x} {TOP - 8}V{height - 8}" stroke="#dddddd"/>')
        parts.append(
            _text(x, TOP - 12, f"{10**power:g} s" if power >= 0 else f"{10 ** (power + 3):g} ms", "middle")
        )
    return parts


def _line(label: str, outcome: Outcome, y: int) -> list[str]:
    return [
        _text(LEFT - 8, y + BAR + 4, label, "end"),
        *_bar(y, outcome.p50, "#9ecae1"),
        *_bar(y + BAR + 1, outcome.p99, "#08519c"),
        _text(WIDTH - 10, y + BAR + 4, f"{outcome.slow:.1%}", "end"),
    ]


def _bar(y: int, seconds: float, colour: str) -> list[str]:
    end = _x(seconds)
    return [
        f'<rect x="{LEFT}" y="{y}" width="{end - LEFT}" height="{BAR}" fill="{colour}"/>',
        _text(end + 4, y + BAR - 1, duration(seconds), "start"),
    ]


def _x(seconds: float) -> int:
    share = log10(seconds / LEAST) / log10(MOST / LEAST)
    return LEFT + round((WIDTH - LEFT - RIGHT) * share)


def _text(x: int, y: int, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
