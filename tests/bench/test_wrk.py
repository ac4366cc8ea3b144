"""
Tests of L{bench.wrk}.
"""

from __future__ import annotations

import os
import sys

from twisted.trial.unittest import SynchronousTestCase

from bench.request import Request
from bench.wrk import SCRIPTS, LoadFailed, command, parse, run

GOOD = """\
Running 4s test @ http://127.0.0.1:8080/1k
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   517.62us  339.41us  10.40ms   94.62%
    Req/Sec    62.84k     3.32k   67.39k    80.49%
  Latency Distribution
     50%  480.00us
     75%  560.00us
     90%  700.00us
     99%    1.60ms
  256222 requests in 4.10s, 311.79MB read
Requests/sec:  62493.10
Transfer/sec:     76.05MB
"""


class ParseTests(SynchronousTestCase):
    def fails_with(self, output: str) -> str:
        return str(self.assertRaises(LoadFailed, parse, output))

    def test_good_run(self) -> None:
        """
        Of a run without a failure, everything is read, in seconds.
        """
        load = parse(GOOD)
        self.assertEqual((load.requests, load.seconds, load.p99), (256222, 4.1, 0.0016))
        self.assertAlmostEqual(load.p50, 0.00048)

    def test_long_run(self) -> None:
        """
        A duration in minutes is read too.
        """
        self.assertEqual(parse(GOOD.replace("in 4.10s", "in 1.50m")).seconds, 90.0)

    def test_failed_connections(self) -> None:
        """
        A run with socket errors is no measurement.
        """
        errors = "Socket errors: connect 0, read 3, write 0, timeout 0"
        self.assertEqual(self.fails_with(GOOD.replace("Requests/sec", f"  {errors}\nRequests/sec")), errors)

    def test_refusals(self) -> None:
        """
        A run in which anything but success was answered is no measurement.
        """
        refused = "Non-2xx or 3xx responses: 17"
        self.assertEqual(self.fails_with(GOOD.replace("Requests/sec", f"  {refused}\nRequests/sec")), refused)

    def test_nothing_answered(self) -> None:
        """
        A run without a single answer is no measurement, though wrk sees nothing wrong with it.
        """
        self.assertEqual(self.fails_with(GOOD.replace("256222", "0")), "no request was answered")

    def test_no_run(self) -> None:
        """
        What wrk says in place of figures is what is wrong.
        """
        said = "unable to connect to 127.0.0.1:1 Connection refused"
        self.assertIn(said, self.fails_with(said))


class CommandTests(SynchronousTestCase):
    def test_plain(self) -> None:
        """
        The request decides on the path and the fields.
        """
        request = Request("/64k", fields=("A: 1", "B: 2"))
        argv = command("/bin/wrk", request, 8080, connections=7, seconds=3)
        self.assertEqual(argv[0], "/bin/wrk")
        self.assertEqual(argv[-5:], ["-H", "A: 1", "-H", "B: 2", "http://127.0.0.1:8080/64k"])
        self.assertTrue({"-t1", "-c7", "-d3s", "--latency"} <= set(argv))

    def test_tls(self) -> None:
        """
        What is to be asked for over TLS is.
        """
        argv = command("wrk", Request("/1k", tls=True), 8443, connections=1, seconds=1)
        self.assertEqual(argv[-1], "https://127.0.0.1:8443/1k")

    def test_script(self) -> None:
        """
        A script comes with its arguments, and is there.
        """
        argv = command("wrk", Request("/1k"), 8080, 1, 1, script=("routes.lua", "100"))
        self.assertEqual(argv[-4:], ["--script", str(SCRIPTS / "routes.lua"), "--", "100"])
        self.assertTrue((SCRIPTS / "routes.lua").is_file())


class RunTests(SynchronousTestCase):
    def test_output_is_read(self) -> None:
        """
        What the program prints is taken as wrk's.
        """
        core = min(os.sched_getaffinity(0))
        load = run([sys.executable, "-c", f"print({GOOD!r})"], core, seconds=1)
        self.assertEqual(load.requests, 256222)
