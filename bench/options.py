"""
The command line.
"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from bench.peers import PEERS
from bench.rows import ROWS

USUAL_RUNS, USUAL_SECONDS = 3, 3


def some_of(known: Collection[str]) -> Callable[[str], list[str]]:
    """
    Make the reader of an option that lists names, with commas or spaces between them.

    @param known: the names there are.
    """

    def read(text: str) -> list[str]:
        names = text.replace(",", " ").split()
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are: {', '.join(known)}")
        return names or list(known)

    return read


def positive(text: str) -> int:
    """
    Read an option that is a whole number above zero.
    """
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"not a whole number above zero: {text!r}")
    return int(text)


def parse_arguments(arguments: Sequence[str]) -> Namespace:
    """
    Read the command line.

    @return: C{rows}, C{peers}, C{seconds}, C{runs}, C{quick}, C{json}, C{save} and C{list}.
    """
    parser = ArgumentParser("bench", description="Compare revproxy with other proxies on this machine.")
    add = parser.add_argument
    add("--rows", type=some_of(ROWS), default=list(ROWS), help="which rows; see --list")
    add("--peers", type=some_of(PEERS), default=list(PEERS), help="which proxies; see --list")
    add("--seconds", type=positive, help=f"how long each load is measured ({USUAL_SECONDS})")
    add("--runs", type=positive, help=f"how often; the median counts ({USUAL_RUNS})")
    add("--quick", action="store_true", help="one run of one second each, and fewer connections")
    add("--json", type=Path, metavar="FILE", help="write the results there")
    add("--save", action="store_true", help="add the results to the record, as all rows of all proxies are")
    add("--list", action="store_true", help="say which rows and proxies there are, and end")
    options = parser.parse_args(arguments)
    options.runs = options.runs or (1 if options.quick else USUAL_RUNS)
    options.seconds = options.seconds or (1 if options.quick else USUAL_SECONDS)
    return options


def is_complete(options: Namespace) -> bool:
    """
    Tell whether a benchmark is of everything and at full length, so that it belongs into the record.
    """
    return (
        options.rows == list(ROWS)
        and options.peers == list(PEERS)
        and not options.quick
        and options.runs >= USUAL_RUNS
        and options.seconds >= USUAL_SECONDS
    )
