from __future__ import annotations

from itertools import combinations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.places import listening_place


def together(one: str, other: str) -> bool:
    """
    Whether both endpoints can be listened on, whichever is first.
    """
    places = listening_place(one), listening_place(other)
    excluded = {places[0].excludes(places[1]), places[1].excludes(places[0])}
    assert len(excluded) == 1, "it depends on the order"
    return not excluded.pop()


class PlaceTests(SynchronousTestCase):
    def test_same_place(self) -> None:
        """
        Endpoints that differ only in how they are written cannot both be listened on.
        """
        for one, other in [
            ("tcp:port=80", "tcp:80"),
            ("tcp:80:backlog=100", "tcp:80"),
            ("haproxy:tcp:80", "tcp:80"),
            ("tcp:80:interface=\\:\\:1", "tcp6:80:interface=0\\:0\\:0\\:0\\:0\\:0\\:0\\:1"),
            ("unix:/a", "unix:/a:mode=660"),
            ("systemd:domain=INET:index=0", "systemd:domain=INET:index=0"),
        ]:
            self.assertFalse(together(one, other), (one, other))

    def test_all_addresses(self) -> None:
        """
        One address of a port cannot be listened on beside all of them.
        """
        for one, other in [
            ("tcp:28444", "tcp:28444:interface=127.0.0.1"),
            ("tcp:28444:interface=0.0.0.0", "tcp:28444:interface=127.0.0.1"),
            ("tcp:28444", "tcp:28444:interface=localhost"),
            ("tcp6:28444", "tcp6:28444:interface=\\:\\:1"),
            ("tcp:28444:interface=\\:\\:", "haproxy:tcp:28444:interface=\\:\\:1"),
        ]:
            self.assertFalse(together(one, other), (one, other))

    def test_other_places(self) -> None:
        """
        Another port, address, family or path is another place.
        """
        for one, other in combinations(
            [
                "tcp:80",
                "tcp:81:interface=127.0.0.1",
                "tcp:81:interface=127.0.0.2",
                "tcp:81:interface=localhost",
                "tcp6:80",
                "tcp6:81:interface=\\:\\:1",
                "unix:/a",
                "unix:/b",
                "systemd:domain=INET:index=0",
                "systemd:domain=INET:index=1",
            ],
            2,
        ):
            self.assertTrue(together(one, other), (one, other))

    def test_any_port(self) -> None:
        """
        Port 0 is another one each time.
        """
        self.assertTrue(together("tcp:0", "tcp:0"))
        self.assertTrue(together("tcp:port=0:interface=127.0.0.1", "tcp:0"))

    def test_no_endpoint(self) -> None:
        """
        What is no endpoint is the same as its like alone: it is another check's to tell.
        """
        for text in ["", "tcp:", "tcp:http", "unix:", "tcp", "nonsense:1"]:
            self.assertFalse(together(text, text), text)
            self.assertTrue(together(text, "tcp:80"), text)
