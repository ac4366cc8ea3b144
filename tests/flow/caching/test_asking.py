"""
Tests of L{revproxy.flow.caching.asking}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.caching import asking
from revproxy.flow.caching.asking import asked_by
from revproxy.wire.fields import FrozenFields


class AskedByTests(SynchronousTestCase):
    def setUp(self) -> None:
        asking._remembered.clear()
        self.addCleanup(asking._remembered.clear)

    def held(self) -> int:
        """
        How many octets of fields are remembered.
        """
        return sum(
            len(name) + len(value) for fields, _, _ in asking._remembered.values() for name, value in fields
        )

    def test_remembers(self) -> None:
        """
        What the same fields say is read once, for each way of reading them.
        """
        fields = FrozenFields([(b"cache-control", b"no-cache")])
        asked = asked_by(fields, True)
        self.assertTrue(asked.wishes.no_cache)
        self.assertIs(asked_by(fields, True), asked)
        self.assertFalse(asked_by(fields, False).wishes.no_cache)
        self.assertTrue(asked_by(fields, True).wishes.no_cache)

    def test_bound(self) -> None:
        """
        What is remembered has a bound, in number and in octets: large fields are read, and not
        held.
        """
        for size in (10, 2000, 16000):
            for index in range(3000):
                asked_by(FrozenFields([(b"cookie", b"%d" % index + b"x" * size)]), True)
            self.assertLessEqual(len(asking._remembered), 1024)
            self.assertLessEqual(self.held(), 2 << 20)
        self.assertTrue(asked_by(FrozenFields([(b"authorization", b"x" * 16000)]), True).authorized)
