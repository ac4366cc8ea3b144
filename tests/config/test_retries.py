from __future__ import annotations

from revproxy.config.upstreams import UpstreamSettings
from tests.config.files import FileTestCase, written

FORM = """\
listeners: {{web: {{endpoint: tcp:8080}}}}
upstreams:
  app:
    servers: [http://127.0.0.1:8001, http://127.0.0.1:8002]
    {added}
routes: [{{upstream: app}}]
"""


class RetryTests(FileTestCase):
    def upstream(self, added: str = "") -> UpstreamSettings:
        return self.load(FORM.format(added=added)).upstreams["app"]

    def said(self, added: str) -> list[tuple[str, str]]:
        problems = self.problems(FORM.format(added=added))
        return [(problem.key.removeprefix("upstreams.app."), problem.message) for problem in problems]

    def test_defaults(self) -> None:
        """
        Safe failures are retried without being asked for; nothing else is done by itself.
        """
        upstream = self.upstream()
        self.assertEqual((upstream.retry.tries, upstream.retry.budget), (3, 0.2))
        self.assertEqual(upstream.retry.on, ["connect-failure", "reset-before-response"])
        self.assertNotIn(b"POST", upstream.retry.methods)
        self.assertEqual(
            (upstream.hedge, upstream.outliers, upstream.circuit_breaker, upstream.health_check), (None,) * 4
        )
        self.assertEqual((upstream.connections.queue, upstream.connections.queue_timeout), (1024, 5.0))

    def test_retry(self) -> None:
        """
        What there is to say of retries.
        """
        retry = self.upstream(
            "retry: {tries: 2, on: [timeout, 503], methods: [GET, POST], replay: 1KiB, per_try_timeout: 2s,"
            " backoff: 0, backoff_most: 1s, budget: 5%, budget_least: 1/s}"
        ).retry
        self.assertEqual((retry.tries, retry.on, retry.methods), (2, ["timeout", 503], [b"GET", b"POST"]))
        self.assertEqual((retry.replay, retry.per_try_timeout, retry.backoff), (1024, 2.0, 0.0))
        self.assertEqual((retry.backoff_most, retry.budget, retry.budget_least), (1.0, 0.05, 1.0))

    def test_hedge(self) -> None:
        """
        A hedge needs to know after how long.
        """
        hedge = self.upstream("hedge: {percentile: 95}").hedge
        assert hedge is not None
        self.assertEqual((hedge.percentile, hedge.delay), (95, None))
        self.assertEqual(self.said("hedge: {}"), [("hedge", "needs a delay or a percentile")])
        self.assertEqual([key for key, _ in self.said("hedge: {percentile: 100}")], ["hedge.percentile"])

    def test_what_would_do_nothing(self) -> None:
        """
        Options that would do nothing, or undo each other, are told.
        """
        for added, key, said in [
            ("retry: {on: []}", "retry.on", "at least 1"),
            ("retry: {per_try_timeout: 1s}", "retry", "timeout is among 'on'"),
            ("retry: {per_try_timeout: 65s, on: [timeout]}", "", "before retry.per_try_timeout"),
            ("retry: {backoff: 1s}", "retry", "backoff_most"),
            ("outliers: {consecutive: 0}", "outliers", "has to be more than 0"),
            ("outliers: {ejection: 10m}", "outliers", "ejection_most"),
            ("outliers: {on: []}", "outliers.on", "at least 1"),
            ("circuit_breaker: {failure_rate: 0%}", "circuit_breaker.failure_rate", "more than 0%"),
            ("circuit_breaker: {on: []}", "circuit_breaker", "latency"),
            ("slow_start: 1s\n    balancer: first", "", "heeds none"),
        ]:
            ((where, message),) = self.said(added)
            self.assertEqual(where.removeprefix("upstreams.app"), key, added)
            self.assertIn(said, message)
        self.upstream("circuit_breaker: {on: [], latency: 1s}")

    def test_hedge_of_clients_that_stay(self) -> None:
        """
        Where clients stay with their servers no other is asked in their place: it would
        take them over whenever it is quicker.
        """
        ((where, message),) = self.said("hedge: {delay: 1s}\n    balancer: sticky")
        self.assertEqual(where, "upstreams.app")
        self.assertIn("balancer 'sticky'", message)

    def test_errors_have_their_places(self) -> None:
        """
        What is wrong is told with its key, all at once.
        """
        added = [
            "retry: {tries: 0, on: [refused]}",
            "outliers: {most_ejected: 50}",
            "circuit_breaker: {open: 0}",
        ]
        said = self.said("\n    ".join(added))
        self.assertEqual(
            [key for key, _ in said],
            ["retry.tries", "retry.on.0", "outliers.most_ejected", "circuit_breaker.open"],
        )


class ServerTests(FileTestCase):
    def test_server(self) -> None:
        """
        What there is to say of a server.
        """
        text = FORM.format(added="slow_start: 10s").replace(
            "[http://127.0.0.1:8001, ",
            "[{url: http://127.0.0.1:8001, weight: 2, backup: true, priority: 3, max_connections: 4,"
            " slow_start: 1s, state: drain}, ",
        )
        upstream = self.load(text).upstreams["app"]
        first, second = written(upstream)
        self.assertEqual((first.weight, first.backup, first.priority), (2, True, 3))
        self.assertEqual((first.max_connections, first.slow_start, first.state), (4, 1.0, "drain"))
        self.assertEqual((second.backup, second.priority, second.max_connections), (False, 0, None))
        self.assertEqual((second.slow_start, second.state, upstream.slow_start), (None, "up", 10.0))

    def test_slow_start_of_the_first(self) -> None:
        """
        A server that is to start slowly needs a balancer that heeds weights.
        """
        text = FORM.format(added="balancer: first").replace("[http", "[{url: http://a, slow_start: 1s}, http")
        (problem,) = self.problems(text)
        self.assertIn("heeds none", problem.message)

    def test_refused(self) -> None:
        """
        A state that there is not is told with those that there are.
        """
        text = FORM.format(added="").replace("[http", "[{url: http://127.0.0.1:8003, state: away}, http")
        (problem,) = self.problems(text)
        self.assertEqual(problem.key, "upstreams.app.servers.0.state")
        self.assertIn("drain", problem.message)
