"""
A whole benchmark.
"""

import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import groupby, product
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.addresses import loopback_addresses
from bench.answer import WrongAnswer
from bench.certificate import write_certificate
from bench.conditions import Conditions, Subject
from bench.cpu import two_cores
from bench.fleet import Fleet
from bench.origin import start_origin
from bench.peers import PEERS
from bench.process import ServerFailed, ServerProcess, find_program, free_port, raise_descriptor_limit
from bench.record import CHECKOUT, about
from bench.results import Results
from bench.rows import ROWS, Row
from bench.workloads.workload import NotMeasurable
from bench.wrk import LoadFailed


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


def benchmark(options: Namespace) -> Results:
    """
    Run the whole of it.

    @raise ServerFailed: if the origin or wrk is missing or does not start.
    @raise RuntimeError: if there is only one core.
    """
    wrk = find_program("wrk")
    if wrk is None:
        raise ServerFailed("wrk, which makes the load, is not installed")
    raise_descriptor_limit()
    load_core, proxy_core = two_cores()
    conditions = Conditions(wrk, load_core, options.seconds, options.quick)
    results = Results(
        about(options.seconds, options.runs, options.quick), installed(options.peers), options.rows
    )
    with ExitStack() as stack:
        fleet = _start_fleet(options.rows, load_core, proxy_core, stack)
        for family in families([ROWS[name] for name in options.rows]):
            measure_family(family, fleet, conditions, options.runs, results)
    return results


def _start_fleet(rows: Sequence[str], load_core: int, proxy_core: int, stack: ExitStack) -> Fleet:
    temporary = TemporaryDirectory(prefix="revproxy-bench-", ignore_cleanup_errors=True)
    directory = Path(stack.enter_context(temporary))
    directory.chmod(0o755)
    most = max(ROWS[row].setup.servers for row in rows)
    origin, port = start_origin(
        _made(directory / "origin"), load_core, loopback_addresses(most) if most > 1 else []
    )
    stack.callback(origin.stop)
    echo, echo_port = _start_echo(_made(directory / "echo"), load_core)
    stack.callback(echo.stop)
    certificate = write_certificate(directory)
    fleet = Fleet(directory, certificate, port, echo_port, proxy_core)
    stack.callback(fleet.stop)
    return fleet


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


def _start_echo(directory: Path, core: int) -> tuple[ServerProcess, int]:
    port = free_port()
    argv = [sys.executable, "-m", "bench.generators.echo", str(port)]
    process = ServerProcess(argv, core, directory, {"PYTHONPATH": str(CHECKOUT)})
    process.wait_for([port])
    return process, port


def families(rows: Iterable[Row]) -> list[list[Row]]:
    """
    Put rows together that are compared with each other.
    """
    return [list(family) for _, family in groupby(rows, lambda row: row.family or row.name)]


def measure_family(
    family: Sequence[Row], fleet: Fleet, conditions: Conditions, runs: int, results: Results
) -> None:
    """
    Measure rows together: each run goes over all proxies, and with each over all rows, so that what changes
    on the machine meets them all.
    """
    for run in range(runs):
        for name, row in product(results.versions, family):
            if run < row.workload.most_runs and not results.is_out(row.name, name):
                say(f"{row.name}, {name}, run {run + 1}")
                measure_once(row, Subject(PEERS[name], row.setup, fleet), conditions, run == 0, results)


def measure_once(
    row: Row, subject: Subject, conditions: Conditions, is_first: bool, results: Results
) -> None:
    """
    Measure one proxy once, and put down what comes of it.
    """
    name = subject.peer.name
    refusal = subject.peer.refusal(row.setup)
    if refusal is not None:
        results.leave_out(row.name, name, refusal)
        return
    try:
        if is_first:
            row.workload.prepare(subject, conditions)
        results.add(row.name, name, row.workload.measure(subject, conditions))
    except NotMeasurable as reason:
        results.leave_out(row.name, name, str(reason))
    except (LoadFailed, WrongAnswer, ServerFailed) as failure:
        results.fail(row.name, name, str(failure))
