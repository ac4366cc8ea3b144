from __future__ import annotations

from typing import Any

from revproxy.exchange import Exchange
from revproxy.service.generation import Generation
from tests.service.proxies import ProxyTestCase, a_document


def ignore(exchange: Exchange) -> None:
    pass


class GenerationTests(ProxyTestCase):
    def generation(self, before: Generation | None = None, **more: Any) -> Generation:
        return Generation(self.configuration(a_document(**more)), self.workshop, ignore, before)

    def test_opens_nothing(self) -> None:
        """
        Nothing is opened, listened on or scheduled before it is asked for.
        """
        before = self.descriptors()
        tls = {"web": {"endpoint": "tcp:8080", "tls": self.tls()}}
        self.generation(access_log={"path": "a.log"}, listeners=tls)
        self.assertEqual(self.descriptors(), before)
        self.assertFalse(self.directory.joinpath("a.log").exists())
        self.assertNothingLeft()

    def test_same_log(self) -> None:
        """
        The log is shared where it is described in the same words.
        """
        first = self.generation(access_log={"path": "a.log"})
        self.assertIs(self.generation(first, access_log={"path": "a.log"}).access_log, first.access_log)
        other = self.generation(first, access_log={"path": "a.log", "format": "json"})
        self.assertIsNot(other.access_log, first.access_log)
        self.assertIsNone(self.generation(first).access_log)

    def test_close_unless_in(self) -> None:
        """
        What another shares stays open; what it does not is closed.
        """
        first = self.generation(access_log={"path": "a.log"})
        first.open_log()
        first.open_log()
        assert first.access_log is not None
        first.close_unless_in(self.generation(first, access_log={"path": "a.log"}))
        self.assertTrue(first.access_log.running)
        first.close_unless_in(self.generation(first))
        self.assertFalse(first.access_log.running)

    def test_watches(self) -> None:
        """
        The files of certificates are looked at from the start of the watches to their
        end, those for upstreams too.
        """
        tls = {"web": {"endpoint": "tcp:8080", "tls": self.tls(reload_interval="7s")}}
        upstreams = {"app": {"servers": ["https://127.0.0.1:9001"]}}
        generation = self.generation(listeners=tls, upstreams=upstreams)
        self.assertEqual(len(list(generation.watches)), 2)
        generation.watches.startService()
        self.assertEqual([call.getTime() for call in self.network.getDelayedCalls()], [7.0, 7.0])
        generation.watches.stopService()
        self.assertNothingLeft()
