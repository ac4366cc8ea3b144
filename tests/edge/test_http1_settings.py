"""
Tests of L{revproxy.edge.http1_settings}.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.http1_settings import Http1Settings
from revproxy.wire.forwarded import ForwardedPolicy
from revproxy.wire.networks import Networks
from tests.edge.proxied import Proxied

HEAD = b"GET / HTTP/1.1\r\nHost: a\r\nX-Real-IP: 1\r\nX-Subject: 2\r\nX-A: 3\r\n\r\n"


class SettingsTests(SynchronousTestCase):
    def settings(self, **settings: Any) -> Http1Settings:
        return Proxied(forwarded=ForwardedPolicy(Networks(["10.0.0.0/8"])), **settings).settings

    def kept(self, settings: Http1Settings, peer: str) -> list[bytes]:
        """
        The names of the fields that go on from a peer.
        """
        return [name for name, _ in settings.heads_for(peer).parse(HEAD).section.end_to_end]

    def test_heads_for(self) -> None:
        """
        Pitfall 9: what identifies clients goes on from trusted peers alone.
        """
        settings = self.settings()
        self.assertEqual(self.kept(settings, "10.0.0.1"), [b"x-real-ip", b"x-subject", b"x-a"])
        self.assertEqual(self.kept(settings, "192.0.2.7"), [b"x-subject", b"x-a"])

    def test_own_fields(self) -> None:
        """
        What only the proxy itself may say goes on from nobody.
        """
        settings = self.settings(own_fields=frozenset((b"x-subject",)))
        self.assertEqual(self.kept(settings, "10.0.0.1"), [b"x-real-ip", b"x-a"])
        self.assertEqual(self.kept(settings, "192.0.2.7"), [b"x-a"])

    def test_shared(self) -> None:
        """
        All strangers have one parser, which remembers for them all, and all trusted peers
        another.
        """
        settings = self.settings()
        stranger = settings.heads_for("192.0.2.7")
        self.assertIs(settings.heads_for("192.0.2.8"), stranger)
        self.assertIsNot(settings.heads_for("10.0.0.1"), stranger)

    def test_separate(self) -> None:
        """
        Two listeners share neither connections nor parsers.
        """
        one, other = self.settings(), self.settings()
        self.assertIsNot(one.connections, other.connections)
        self.assertIsNot(one.heads_for("192.0.2.7"), other.heads_for("192.0.2.7"))
