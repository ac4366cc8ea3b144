"""
The known ways in which a proxy goes wrong are each closed by a test that names it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

TESTS = Path(__file__).resolve().parent

CLOSED = {1, 2, 3, 6, 7, 8, 9, *range(11, 19), *range(25, 38), 39, 42, 44}
"""
The numbers of those that this proxy has come to.
"""


def named_pitfalls(source: str) -> Iterator[int]:
    """
    @param source: a file of tests.
    @return: the numbers in the docstrings of its tests, as in C{Pitfall 7}.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for number in re.findall(r"\bPitfall (\d+)\b", ast.get_docstring(node) or ""):
                yield int(number)


class PitfallTests(SynchronousTestCase):
    def test_each_has_a_test(self) -> None:
        """
        None of them is without a test.
        """
        files = [path.read_text() for path in TESTS.rglob("test_*.py")]
        self.assertEqual(CLOSED - {number for source in files for number in named_pitfalls(source)}, set())

    def test_what_counts(self) -> None:
        """
        A number counts in the docstring of a test, and nowhere else.
        """
        source = '''
class ATests:
    """
    Pitfall 1: a case.
    """

    def test_it(self):
        """
        Pitfall 22, and more of it.
        """
        # Pitfall 3

    def help(self):
        """
        Pitfall 4.
        """
'''
        self.assertEqual(list(named_pitfalls(source)), [22])
