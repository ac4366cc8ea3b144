from __future__ import annotations

import socket

from twisted.logger import capturedLogs, formatEvent

from revproxy.edge.router import Router
from revproxy.edge.tree import RouteTree
from revproxy.service.backlog import BACKLOG
from revproxy.service.listeners import CannotListen, Listener, check_vacant, going_on
from revproxy.service.terms import Terms
from tests.service.proxies import GET, ProxyTestCase, a_document


class ListenerTestCase(ProxyTestCase):
    def terms(self, name: str = "web", endpoint: str = "tcp:8080", listeners: object = None) -> Terms:
        """
        Terms by which every request is answered 404.
        """
        document = a_document(
            listeners=listeners or {name: {"endpoint": endpoint}}, routes=[{"upstream": "app"}]
        )
        answer = Router(RouteTree([])).answer
        return Terms(name, self.configuration(document), answer, lambda exchange: None, self.workshop)

    def listener(self, name: str = "web", endpoint: str = "tcp:8080") -> Listener:
        return Listener(self.terms(name, endpoint), self.workshop)


class ListenTests(ListenerTestCase):
    def test_listens(self) -> None:
        """
        It listens when it is told to, and knows where.
        """
        listener = self.listener()
        self.assertIsNone(listener.address)
        listener.listen()
        self.assertIsNotNone(listener.address)
        self.assertEqual(list(self.network.ports), [8080])

    def test_backlog(self) -> None:
        """
        More connections can wait at it than Twisted would let.
        """
        self.listener().listen()
        self.assertEqual(self.network.ports[8080].backlog, BACKLOG)

    def test_socket_options(self) -> None:
        """
        What it accepts will have our options.
        """
        with socket.socket() as listening:
            self.network.listening = listening
            self.listener().listen()
            self.assertTrue(listening.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    def test_told(self) -> None:
        """
        The log says what listens where, and nothing of what does not.
        """
        secure = self.terms("secure", listeners={"secure": {"endpoint": "tcp:8443", "tls": self.tls()}})
        with capturedLogs() as events:
            self.listener().listen()
            Listener(secure, self.workshop).listen()
            self.assertRaises(CannotListen, self.listener("other").listen)
        told = [formatEvent(event) for event in events]
        self.assertEqual(told, ["listening: web on tcp:8080", "listening: secure on tcp:8443 with TLS"])

    def test_port_in_use(self) -> None:
        """
        The reason is told in words, with the key of the file.
        """
        self.listener().listen()
        said = str(self.assertRaises(CannotListen, self.listener("other").listen))
        self.assertEqual(said, "listeners.other.endpoint: cannot listen on tcp:8080: Address already in use")

    def test_no_socket_from_systemd(self) -> None:
        """
        A socket that systemd did not hand over is told in the same way.
        """
        said = str(
            self.assertRaises(CannotListen, self.listener(endpoint="systemd:domain=INET:name=no").listen)
        )
        self.assertTrue(said.startswith("listeners.web.endpoint: cannot listen on systemd:"), said)

    def test_close(self) -> None:
        """
        Closing gives up the port; to close what never listened is no harm.
        """
        listener = self.listener()
        listener.listen()
        closing = listener.close()
        self.network.turn()
        self.successResultOf(closing)
        self.assertEqual(self.network.ports, {})
        self.successResultOf(self.listener().close())


class ConnectionsTests(ListenerTestCase):
    def test_take_up(self) -> None:
        """
        New connections and open ones are treated by the new terms.
        """
        listener = self.listener()
        listener.listen()
        self.network.client(8080)
        terms = self.terms()
        listener.connections.take_up(terms)
        self.network.client(8080)
        self.assertEqual([each.settings for each in self.workshop.connections], [terms.http, terms.http])

    def test_drain(self) -> None:
        """
        Connections end, and those that come while the port closes end with their first
        exchange; other listeners' stay.
        """
        listener, other = self.listener(), self.listener("other", "tcp:8081")
        listener.listen()
        other.listen()
        ours, theirs = self.network.client(8080), self.network.client(8081)
        listener.close()
        late = self.network.client(8080)
        late.send(GET)
        self.network.turn()
        self.assertEqual([ours.gone, late.gone, theirs.gone], [True, True, False])
        self.assertIn(b"connection: close", late.received.lower())


class CheckVacantTests(ListenerTestCase):
    def check(self, wanted: str, *leaving: str) -> None:
        check_vacant(
            [self.terms("fresh", wanted)], [self.listener(f"l{at}", each) for at, each in enumerate(leaving)]
        )

    def test_taken(self) -> None:
        """
        The place of a listener that leaves is not to be had, however it is written; the
        operator is told what is there and what to do.
        """
        said = str(
            self.assertRaises(CannotListen, self.check, "tcp:8080:interface=127.0.0.1", "tcp:1", "tcp:8080")
        )
        self.assertEqual(
            said,
            "listeners.fresh.endpoint: tcp:8080:interface=127.0.0.1 is where the proxy listens as tcp:8080;"
            " to change that it has to be restarted",
        )
        self.assertRaises(CannotListen, self.check, "tcp:8080:backlog=5", "tcp:8080")
        self.assertRaises(CannotListen, self.check, "haproxy:tcp:8080", "tcp:8080")
        self.assertRaises(CannotListen, self.check, "unix:/a:mode=600", "unix:/a")

    def test_vacant(self) -> None:
        """
        Everywhere else a new listener may be.
        """
        self.check("tcp:8081", "tcp:8080")
        self.check("tcp:8080:interface=127.0.0.2", "tcp:8080:interface=127.0.0.1")
        self.check("tcp:8080")


class GoingOnTests(ListenerTestCase):
    """
    Which listeners go on under which names.
    """

    def found(self, before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
        """
        @return: for each new name the old name of the listener that goes on.
        """
        listeners = {name: self.listener(name, endpoint) for name, endpoint in before.items()}
        wanted = {name: self.terms(name, endpoint) for name, endpoint in after.items()}
        names = {id(listener): name for name, listener in listeners.items()}
        return {name: names[id(each)] for name, each in going_on(listeners, wanted).items()}

    def test_table(self) -> None:
        """
        An endpoint decides; the same name is preferred, and none goes on twice.
        """
        rows = [
            ({"a": "tcp:1"}, {"a": "tcp:1"}, {"a": "a"}),
            ({"a": "tcp:1"}, {"a": "tcp:2"}, {}),
            ({"a": "tcp:1"}, {"b": "tcp:1"}, {"b": "a"}),
            ({"a": "tcp:1", "b": "tcp:2"}, {"a": "tcp:2", "b": "tcp:1"}, {"a": "b", "b": "a"}),
            ({"a": "tcp:1", "b": "tcp:2"}, {"b": "tcp:1"}, {"b": "a"}),
            ({"a": "tcp:0", "b": "tcp:0"}, {"b": "tcp:0", "c": "tcp:0"}, {"b": "b", "c": "a"}),
            ({"a": "tcp:0"}, {"b": "tcp:0", "c": "tcp:0"}, {"b": "a"}),
        ]
        for before, after, expected in rows:
            self.assertEqual(self.found(before, after), expected, (before, after))
