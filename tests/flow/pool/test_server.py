"""
Tests of L{revproxy.flow.pool.server}.
"""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from revproxy.flow.pool.events import Events
from revproxy.flow.pool.roster import Roster
from tests.flow.upstream_side import AttendedServer


class ServerTests(SynchronousTestCase):
    def setUp(self) -> None:
        attended = AttendedServer(most=2, idle=2)
        self.server, self.connected = attended.server, attended.connected

    def test_nothing_to_take(self) -> None:
        """
        Where there is no connection, none can be taken.
        """
        self.assertIsNone(self.server.take())

    def test_kept(self) -> None:
        """
        A connection that was given back is taken again, once.
        """
        connection = self.connected()
        self.assertTrue(self.server.give_back(connection))
        self.assertIs(self.server.take(), connection)
        self.assertIsNone(self.server.take())

    def test_last_used_first(self) -> None:
        """
        The connection that was used last is used first, so that others can grow old.
        """
        first, second = self.connected(), self.connected()
        self.server.give_back(first)
        self.server.give_back(second)
        self.assertIs(self.server.take(), second)

    def test_no_more_than_the_limit(self) -> None:
        """
        Beyond the limit connections are not kept.
        """
        connections = [self.connected() for _ in range(3)]
        self.assertEqual([self.server.give_back(each) for each in connections], [True, True, False])

    def test_forgotten(self) -> None:
        """
        Pitfall 32: a connection that was closed is not taken, nor kept if it is given
        back afterwards.
        """
        connection = self.connected()
        self.server.give_back(connection)
        self.server.forget(connection)
        self.assertIsNone(self.server.take())
        self.assertFalse(self.server.give_back(connection))
        self.server.forget(connection)

    def test_forgotten_in_use(self) -> None:
        """
        A connection that is closed while it is used leaves the others alone.
        """
        kept, lost = self.connected(), self.connected()
        self.server.give_back(kept)
        self.server.forget(lost)
        self.assertIs(self.server.take(), kept)

    def test_close(self) -> None:
        """
        Closing drops what is not in use, and leaves what is.
        """
        kept, used = self.connected(), self.connected()
        self.server.give_back(kept)
        self.server.close()
        self.assertEqual((kept.calls, used.calls), (["drop"], []))
        self.assertIsNone(self.server.take())

    def test_closed_keeps_nothing(self) -> None:
        """
        After closing no connection is kept, be it older or newer.
        """
        used = self.connected()
        self.server.close()
        self.assertFalse(self.server.give_back(used))
        self.assertFalse(self.server.give_back(self.connected()))

    def test_unwanted_keeps_nothing(self) -> None:
        """
        Pitfall 32: a connection that comes back while its server gets nothing new is not kept:
        who knows what it is worth when the server is up again.
        """
        used = self.connected()
        self.server.standing.judge(False, "down: refused")
        self.assertFalse(self.server.give_back(used))
        self.server.standing.judge(True, "up")
        self.assertTrue(self.server.give_back(self.connected()))

    def test_full(self) -> None:
        """
        A server is full at its limit, and tells whoever watches when that changes.
        """
        seen: list[bool] = []
        roster = Roster(Clock(), Events("app"))
        roster.replace([self.server])
        for step in (self.server.occupy, self.server.occupy, self.server.vacate, self.server.vacate):
            step()
            seen.append(roster.has_room)
        self.assertEqual(seen, [True, False, True, True])
        self.assertEqual((self.server.active, self.server.full), (0, False))

    def test_no_watch(self) -> None:
        """
        A server that nobody watches counts all the same.
        """
        self.server.occupy()
        self.server.occupy()
        self.assertTrue(self.server.full)


class TrialTests(SynchronousTestCase):
    """
    A server on trial is given one exchange at a time.
    """

    def setUp(self) -> None:
        self.server = AttendedServer(most=5).server
        self.roster = Roster(Clock(), Events("app"))
        self.roster.replace([self.server])

    def begin(self) -> None:
        self.server.standing.eject("ejected")
        self.server.standing.try_again()

    def can_be_picked(self) -> bool:
        return self.roster.has_room

    def occupied(self, times: int) -> None:
        for _ in range(times):
            self.server.occupy()

    def vacated(self, times: int) -> None:
        for _ in range(times):
            self.server.vacate()

    def test_one(self) -> None:
        """
        It has room again when that one is over, and for as many as ever when it is in again.
        """
        self.begin()
        self.occupied(1)
        self.assertFalse(self.can_be_picked())
        self.vacated(1)
        self.assertTrue(self.can_be_picked())
        self.server.standing.readmit()
        self.assertEqual(self.server.most, 5)

    def test_those_from_before(self) -> None:
        """
        What it had before, such as tunnels, does not keep it from being tried; nor is more
        than one tried at a time when these end.
        """
        self.occupied(3)
        self.begin()
        self.assertTrue(self.can_be_picked())
        self.vacated(2)
        self.assertTrue(self.can_be_picked())
        self.occupied(1)
        self.assertFalse(self.can_be_picked())

    def test_never_more_than_its_limit(self) -> None:
        """
        One that is full is tried as soon as anything ends.
        """
        self.occupied(5)
        self.begin()
        self.assertFalse(self.can_be_picked())
        self.vacated(1)
        self.assertTrue(self.can_be_picked())
        self.occupied(1)
        self.assertEqual((self.server.active, self.can_be_picked()), (5, False))
        self.vacated(5)
        self.occupied(1)
        self.assertFalse(self.can_be_picked())
