"""
Tests of L{revproxy.service.generation}: what is known of an upstream whose settings change.
"""

from __future__ import annotations

from typing import Any

from revproxy.flow.pool.upstream import Upstream
from revproxy.service.generation import Generation
from tests.service.proxies import ProxyTestCase, a_document
from tests.service.test_generation import ignore

ONE, TWO, THREE = (f"http://127.0.0.1:{port}" for port in (9001, 9002, 9003))


class InheritedTests(ProxyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.first = self.generation()
        self.first.take_care()

    def generation(self, before: Generation | None = None, **more: Any) -> Generation:
        settings = {
            "servers": [ONE, TWO, THREE],
            "outliers": {"consecutive": 1, "ejection": "10s"},
            "circuit_breaker": {"least_requests": 1, "open": "1h", "on": [502]},
            **more,
        }
        document = a_document(upstreams={"app": settings})
        return Generation(self.configuration(document), self.workshop, ignore, before)

    def upstream(self, generation: Generation) -> Upstream:
        return generation._upstreams["app"].upstream

    def reloaded(self, **more: Any) -> Upstream:
        """
        Another configuration has come.
        """
        after = self.generation(self.first, max_response_head="32KiB", **more)
        after.take_care()
        self.first.close_unless_in(after)
        self.addCleanup(after.close_unless_in, None)
        return self.upstream(after)

    def reasons(self, upstream: Upstream) -> dict[str, str]:
        return {server.name: server.standing.reason for server in upstream.members.servers}

    def failed(self, name: str, status: int = 500) -> None:
        upstream = self.upstream(self.first)
        for observer in upstream.observers:
            observer.answered(upstream.members.named(name), status, 0.0)

    def test_ejected(self) -> None:
        """
        A server that was ejected is so for the rest of its time, and on trial then, with one
        that was on trial already.
        """
        self.failed(TWO)
        self.network.advance(10.0)
        self.failed(ONE)
        self.network.advance(4.0)
        upstream = self.reloaded()
        one, two, _ = (server.standing for server in upstream.members.servers)
        self.assertEqual((one.ejected, two.on_trial), (True, True))
        self.assertIn("1 failures in a row", one.reason)
        self.network.advance(5.9)
        self.assertTrue(one.ejected)
        self.network.advance(0.1)
        self.assertEqual((one.ejected, one.on_trial), (False, True))

    def test_no_judges_any_more(self) -> None:
        """
        Where nobody judges servers any more, none is ejected.
        """
        self.failed(ONE)
        self.assertEqual(set(self.reasons(self.reloaded(outliers=None)).values()), {""})

    def test_breaker(self) -> None:
        """
        A circuit breaker that was open is open.
        """
        self.failed(ONE, 502)
        breaker = self.reloaded()._breaker
        assert breaker is not None
        self.assertEqual(breaker._opened, self.network.seconds())

    def test_run_time(self) -> None:
        """
        What was removed, drained or weighed at run time is so.
        """
        members = self.upstream(self.first).members
        members.remove(ONE)
        members.set_state(TWO, "drain")
        members.weigh(THREE, 7)
        after = self.reloaded().members
        self.assertEqual([server.name for server in after.servers], [TWO, THREE])
        self.assertEqual(
            (after.named(TWO).standing.state, after.named(THREE).weight, after.named(TWO).weight),
            ("drain", 7, 1),
        )

    def test_scaled_weights(self) -> None:
        """
        Weights are those of the file, whether servers start slowly or not.
        """
        self.upstream(self.first).members.weigh(THREE, 7)
        server = self.reloaded(slow_start="10s").members.named(THREE)
        self.assertEqual((server.weight, server.whole_weight), (700, 700))

    def test_the_file_has_the_last_word(self) -> None:
        """
        But not where the file says something else of the server than it did.
        """
        members = self.upstream(self.first).members
        members.set_state(ONE, "drain")
        members.weigh(ONE, 7)
        after = self.reloaded(servers=[{"url": ONE, "state": "down", "weight": 3}, TWO]).members
        self.assertEqual((after.named(ONE).standing.state, after.named(ONE).weight), ("down", 3))

    def test_counters(self) -> None:
        """
        Counters go on, with what still happens to the servers from before.
        """
        before = self.upstream(self.first).events
        before.count("retry")
        after = self.reloaded().events
        before.count("retry")
        after.count("retry")
        self.assertEqual(after.counts["retry"], 3)

    def test_refused(self) -> None:
        """
        Pitfall 44: a configuration that is not taken up schedules nothing.
        """
        self.failed(ONE)
        calls = len(self.network.getDelayedCalls())
        self.generation(self.first, max_response_head="32KiB")
        self.assertEqual(len(self.network.getDelayedCalls()), calls)
