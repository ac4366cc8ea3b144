"""
Tests of L{bench.balancing.chart}.
"""

from __future__ import annotations

from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from bench.balancing.chart import LEFT, PICTURE, RIGHT, WIDTH, duration, picture
from bench.balancing.simulation import Outcome, outcomes

SVG = "{http://www.w3.org/2000/svg}"


class PictureTests(SynchronousTestCase):
    def drawn(self, *found: Outcome) -> ElementTree.Element:
        return ElementTree.fromstring(picture({f"a & {number}": each for number, each in enumerate(found)}))

    def test_bars(self) -> None:
        """
        Each balancer has two bars, as long as the logarithm of its times.
        """
        bars = self.drawn(Outcome(0.01, 1.0, 0.1), Outcome(0.001, 100.0, 0.2)).findall(f"{SVG}rect")[1:]
        whole = WIDTH - LEFT - RIGHT
        wanted = [round(whole / 5), round(whole * 3 / 5), 0, whole]
        self.assertEqual([int(bar.attrib["width"]) for bar in bars], wanted)

    def test_words(self) -> None:
        """
        Beside them stand what they are, their times and the share of the slow server.
        """
        words = [each.text for each in self.drawn(Outcome(0.0123, 1.26, 0.123)).findall(f"{SVG}text")]
        self.assertEqual(words[-4:], ["a & 0", "12 ms", "1.3 s", "12.3%"])

    def test_durations(self) -> None:
        """
        Times have the unit that suits them.
        """
        self.assertEqual(
            [duration(seconds) for seconds in (0.00123, 0.0123, 0.5, 1.26, 52.3)],
            ["1.2 ms", "12 ms", "500 ms", "1.3 s", "52 s"],
        )

    def test_not_stale(self) -> None:
        """
        The documentation shows what comes out now.
        """
        self.assertEqual(
            PICTURE.read_text(encoding="utf-8"), picture(outcomes()), "run python -m bench.balancing"
        )
