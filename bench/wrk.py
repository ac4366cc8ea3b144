"""
wrk, which makes closed-loop loads, and what it prints.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.request import Request

TIMEOUT = 20
"""
Seconds after which wrk gives a request up.
"""

SCRIPTS = Path(__file__).resolve().parent / "scripts"
"""
The directory of the scripts that tell wrk what to ask for where it is not always the same.
"""

TLS = {"OPENSSL_CONF": str(SCRIPTS / "openssl.cnf")}
"""
The environment in which a client offers TLS 1.3 with one cipher and one group alone.
"""

_REQUESTS = re.compile(r"^ +(\d+) requests in ([\d.]+)(us|ms|s|m|h),", re.MULTILINE)
_PERCENTILE = re.compile(r"^ +(50|99)% +([\d.]+)(us|ms|s|m|h)$", re.MULTILINE)
_FAILURE = re.compile(r"^ +(Socket errors: .*|Non-2xx or 3xx responses: .*)$", re.MULTILINE)
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class LoadFailed(Exception):
    """
    The load did not go through without a failure, so that its figures mean nothing.
    """


@dataclass(frozen=True)
class Load:
    """
    What a load came to.

    @ivar requests: how many were answered in full.
    @ivar seconds: how long it lasted.
    @ivar p50: the median time to an answer, in seconds.
    @ivar p99: the time within which 99 of 100 were answered, in seconds.
    """

    requests: int
    seconds: float
    p50: float
    p99: float


def parse(output: str) -> Load:
    """
    Read what C{wrk --latency} printed.

    @raise LoadFailed: if a request failed, or none was answered, or this is not wrk's output.
    """
    failure = _FAILURE.search(output)
    if failure:
        raise LoadFailed(failure[1])
    requests = _REQUESTS.search(output)
    if not requests:
        raise LoadFailed(f"wrk did not finish: {output.strip()[-200:]}")
    if int(requests[1]) == 0:
        raise LoadFailed("no request was answered")
    percentiles = {rank: _seconds(value, unit) for rank, value, unit in _PERCENTILE.findall(output)}
    return Load(int(requests[1]), _seconds(requests[2], requests[3]), percentiles["50"], percentiles["99"])


def _seconds(value: str, unit: str) -> float:
    return float(value) * _UNITS[unit]


def command(
    wrk: str, request: Request, port: int, connections: int, seconds: int, script: Sequence[str] = ()
) -> list[str]:
    """
    Say how wrk is called.

    @param wrk: the program's path.
    @param port: where on 127.0.0.1 the proxy listens.
    @param connections: how many are kept open at once.
    @param script: the name of a script of L{SCRIPTS} and its arguments.
    """
    scheme = "https" if request.tls else "http"
    fields = [argument for field in request.fields for argument in ("-H", field)]
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", f"--timeout={TIMEOUT}s", "--latency"]
    argv = [wrk, *options, *fields, f"{scheme}://127.0.0.1:{port}{request.path}"]
    if not script:
        return argv
    return [*argv, "--script", str(SCRIPTS / script[0]), "--", *script[1:]]


def run(argv: Sequence[str], core: int, seconds: int) -> Load:
    """
    Run wrk on one core until it ends.

    @param seconds: how long it was told to last.
    @raise LoadFailed: if it failed or did not end.
    """
    pinned = ["taskset", "-c", str(core), *argv]
    try:
        done = subprocess.run(
            pinned,
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **TLS},
            timeout=seconds + 2 * TIMEOUT,
        )
    except subprocess.TimeoutExpired as expired:
        raise LoadFailed("wrk did not end") from expired
    return parse(done.stdout + done.stderr)
