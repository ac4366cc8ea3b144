"""
C{python -m bench}: compare revproxy with its peers.
"""

import signal
import sys
from argparse import Namespace
from collections.abc import Sequence

from bench import document, record
from bench.options import is_complete, parse_arguments
from bench.peers import PEERS
from bench.process import ServerFailed
from bench.report import report
from bench.results import Results
from bench.rows import ROWS
from bench.run import benchmark, say


def listing() -> str:
    """
    Say which rows and proxies there are.
    """
    rows = [f"  {row.name:26}{row.what}" for row in ROWS.values()]
    peers = [f"  {name:16}{peer.version() or 'not installed'}" for name, peer in PEERS.items()]
    return "\n".join(["rows:", *rows, "", "proxies:", *peers])


def keep(results: Results, options: Namespace) -> None:
    """
    Write the files that were asked for, and those of the record.
    """
    if options.json:
        record.write(results, options.json)
    if options.save or is_complete(options):
        say(f"kept in {record.save(results)}")
        document.update()


def main(arguments: Sequence[str]) -> int:
    """
    Run the command.

    @return: its exit status: 1 if anything could not be measured.
    """
    options = parse_arguments(arguments)
    if options.list:
        print(listing())
        return 0
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda number, _frame: sys.exit(128 + number))  # so that no server is left behind
    try:
        results = benchmark(options)
    except (ServerFailed, RuntimeError) as failure:
        say(f"bench: {failure}")
        return 1
    print(report(results), end="")
    keep(results, options)
    return 1 if results.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
