"""
Servers that die, freeze, are slow, cut their answers or fail, under load.
"""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from itertools import count

from tests.live.hospital import QUICK, HospitalCase
from tests.live.programs import get
from tests.live.sick_server import CUTTING, FAILING, SLOW, WELL


class KilledTests(HospitalCase):
    """
    What retries do by themselves.
    """

    def test_killed(self) -> None:
        """
        Where one of three servers is killed no request fails.
        """
        load = self.load()
        time.sleep(1.0)
        self.first.signal(signal.SIGKILL)
        self.assertNoneFailed(load)

    def test_posts_are_not_sent_twice(self) -> None:
        """
        Pitfall 30: no POST reaches the servers twice, whatever happens to them meanwhile.
        """
        numbers, deadline = count(), time.monotonic() + 3.0

        def post() -> None:
            while time.monotonic() < deadline:
                connection = HTTPConnection("127.0.0.1", self.proxy.port(), timeout=10)
                try:
                    for _ in range(20):
                        connection.request("POST", "/", f"number {next(numbers)}\n")
                        connection.getresponse().read()
                except (OSError, HTTPException):
                    pass
                finally:
                    connection.close()

        with ThreadPoolExecutor(8) as clients:
            posting = [clients.submit(post) for _ in range(8)]
            for patient in self.patients:
                time.sleep(0.5)
                patient.signal(signal.SIGKILL)
                patient.start()
            for each in posting:
                each.result()
        posted = [line for patient in self.patients for line in patient.posted()]
        self.assertGreater(len(posted), 100)
        self.assertEqual(len(posted), len(set(posted)))


class CheckedTests(HospitalCase):
    """
    Servers that are checked.
    """

    upstream = {
        "health_check": QUICK,
        "retry": {"per_try_timeout": "500ms", "on": ["connect-failure", "reset-before-response", "timeout"]},
    }

    def test_killed(self) -> None:
        """
        A server that is killed is out in time, and back once it was started again; no
        request fails.
        """
        load = self.load(4)
        time.sleep(1.0)
        self.first.signal(signal.SIGKILL)
        self.told("down")
        self.first.start()
        self.told("up")
        self.assertNoneFailed(load)

    def test_frozen(self) -> None:
        """
        So is one that is stopped and goes on later.
        """
        load = self.load(4)
        time.sleep(1.0)
        self.first.signal(signal.SIGSTOP)
        self.addCleanup(self.first.signal, signal.SIGCONT)
        self.told("down")
        self.first.signal(signal.SIGCONT)
        self.told("up")
        self.assertNoneFailed(load)

    def test_slow(self) -> None:
        """
        One that takes too long is out, too.
        """
        load = self.load()
        self.first.be(SLOW)
        self.told("down")
        self.first.be(WELL)
        self.told("up")
        self.assertNoneFailed(load)

    def test_rolling_restart(self) -> None:
        """
        All servers can be started again, one after the other, and nothing is lost.
        """
        load = self.load(6)
        for patient in self.patients:
            time.sleep(0.3)
            patient.signal(signal.SIGKILL)
            self.told("down", patient)
            patient.start()
            self.told("up", patient)
        self.assertNoneFailed(load)


class JudgedTests(HospitalCase):
    """
    Servers that are judged by their answers.
    """

    upstream = {
        "outliers": {"consecutive": 3, "ejection": "300ms"},
        "retry": {"on": ["connect-failure", "reset-before-response", 500]},
    }

    def test_failing(self) -> None:
        """
        A server that answers 500 is left alone, comes back by its trial when it is
        well, and no request fails.
        """
        load = self.load()
        self.first.be(FAILING)
        self.told("ejected", times=2)
        self.first.be(WELL)
        self.told("readmitted")
        self.assertNoneFailed(load)

    def test_cutting(self) -> None:
        """
        Pitfall 13: one that cuts its answers is left alone, too; clients whose answer had
        begun can tell, and they are few.
        """
        load = self.load()
        self.first.be(CUTTING)
        self.told("ejected", times=2)
        self.first.be(WELL)
        self.told("readmitted")
        broken, failed = load.failures()
        self.assertEqual(failed, 0)
        self.assertIn(broken, range(1, 100))


class DrainedTests(HospitalCase):
    def test_drained(self) -> None:
        """
        A server that drains finishes what it has, and gets nothing new; no request fails.
        """
        load = self.load()
        with ThreadPoolExecutor(6) as clients:
            answers = [clients.submit(get, self.proxy.port(), "/long") for _ in range(6)]
            time.sleep(0.3)
            servers = self.proxy.document["upstreams"]["app"]["servers"]
            servers[0] = {"url": self.first.url, "state": "drain"}
            self.proxy.write(self.proxy.document)
            self.proxy.reload()
            self.first.be(FAILING)
            self.assertEqual({answer.result().body for answer in answers}, {b"." * 10})
        self.assertNoneFailed(load)
