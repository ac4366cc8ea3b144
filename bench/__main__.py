"""
C{python -m bench}: compare revproxy with its peers.
"""

import json
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.answer import WrongAnswer
from bench.certificate import write_certificate
from bench.cpu import two_cores
from bench.load import LoadFailed
from bench.measure import RunningPeer
from bench.origin import start_origin
from bench.peer import Place
from bench.peers import PEERS
from bench.process import ServerFailed, find_program, free_port
from bench.results import Results
from bench.rows import ROWS
from bench.table import render

RESULTS = Path(__file__).resolve().parent / "results"


def some_of(known: Collection[str]) -> Callable[[str], list[str]]:
    """
    Make the reader of an option that lists names.

    @param known: the names there are.
    """

    def read(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are: {', '.join(known)}")
        return names

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
    """
    parser = ArgumentParser(
        "bench", description="Compare revproxy with its peers: CPU microseconds a request."
    )
    parser.add_argument("--rows", type=some_of(ROWS), default=list(ROWS), help=f"of {','.join(ROWS)}")
    parser.add_argument("--peers", type=some_of(PEERS), default=list(PEERS), help=f"of {','.join(PEERS)}")
    parser.add_argument("--seconds", type=positive, default=4, help="how long each row is measured (4)")
    parser.add_argument("--runs", type=positive, default=1, help="how often; the median counts (1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there as well")
    parser.add_argument(
        "--save", action="store_true", help=f"write the results under {RESULTS.name}/ as well"
    )
    return parser.parse_args(arguments)


def say(line: str) -> None:
    """
    Tell whoever watches what goes on; the table alone goes to standard output.
    """
    print(line, file=sys.stderr, flush=True)


def installed(names: Sequence[str]) -> dict[str, str]:
    """
    Find out which proxies are there, and their versions.
    """
    versions = {name: PEERS[name].version() for name in names}
    for name in [name for name, version in versions.items() if version is None]:
        say(f"{name} is not installed: left out")
    return {name: version for name, version in versions.items() if version is not None}


def start_peers(
    names: Sequence[str], directory: Path, origin: int, core: int, stack: ExitStack
) -> list[RunningPeer]:
    """
    Start proxies, each of which the stack will stop.

    @raise ServerFailed: if one does not start.
    """
    certificate = write_certificate(directory)
    running = []
    for name in names:
        home = directory / name
        home.mkdir()
        place = Place(home, free_port(), free_port(), origin, certificate)
        try:
            running.append(RunningPeer(PEERS[name], place, core))
        except ServerFailed as failure:
            raise ServerFailed(f"{name}: {failure}") from failure
        stack.callback(running[-1].stop)
    return running


def measure_all(
    running: Sequence[RunningPeer], options: Namespace, wrk: str, core: int, results: Results
) -> None:
    """
    Measure row by row, so that the proxies of a row are compared under the same conditions.
    """
    for row in options.rows:
        for run in range(options.runs):
            for peer in running:
                say(f"{row}, {peer.name}, run {run + 1} of {options.runs}")
                try:
                    results.add(row, peer.name, peer.measure(ROWS[row], wrk, core, options.seconds))
                except (LoadFailed, WrongAnswer) as failure:
                    results.fail(row, peer.name, str(failure))


def benchmark(options: Namespace) -> Results:
    """
    Run the whole of it.

    @raise ServerFailed: if the origin, a proxy or wrk is missing or does not start.
    """
    wrk = find_program("wrk")
    if wrk is None:
        raise ServerFailed("wrk, which makes the load, is not installed")
    load_core, proxy_core = two_cores()
    results = Results(installed(options.peers))
    with ExitStack() as stack:
        directory = Path(
            stack.enter_context(TemporaryDirectory(prefix="revproxy-bench-", ignore_cleanup_errors=True))
        )
        directory.chmod(0o755)
        home = directory / "origin"
        home.mkdir()
        origin, port = start_origin(home, load_core)
        stack.callback(origin.stop)
        running = start_peers(list(results.versions), directory, port, proxy_core, stack)
        measure_all(running, options, wrk, load_core, results)
    return results


def write_results(results: Results, options: Namespace) -> None:
    """
    Write the files that were asked for.
    """
    text = json.dumps(results.as_json(options.rows), indent=2) + "\n"
    if options.json:
        options.json.write_text(text)
    if options.save:
        RESULTS.mkdir(exist_ok=True)
        RESULTS.joinpath(f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json").write_text(text)


def main(arguments: Sequence[str]) -> int:
    """
    Run the command.

    @return: its exit status: 1 if anything could not be measured.
    """
    options = parse_arguments(arguments)
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda number, _frame: sys.exit(128 + number))  # so that no server is left behind
    try:
        results = benchmark(options)
    except (ServerFailed, RuntimeError) as failure:
        say(f"bench: {failure}")
        return 1
    print(", ".join(f"{name} {version}" for name, version in results.versions.items()))
    print(render(results, options.rows), end="")
    write_results(results, options)
    return 1 if results.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
