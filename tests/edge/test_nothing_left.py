"""
What a client's connection leaves behind when it has ended.
"""

from __future__ import annotations

import gc

from typing_extensions import override

from revproxy.edge.http1 import Http1Connection
from tests.edge.proxied import GET, OK, ProxiedTestCase, post


def connections() -> int:
    """
    How many there are.
    """
    return sum(type(each) is Http1Connection for each in gc.get_objects())


class NothingLeftTests(ProxiedTestCase):
    """
    A connection refers to itself by nothing, so that all it had goes at once with its end.
    """

    @override
    def setUp(self) -> None:
        super().setUp()
        gc.collect()
        self.addCleanup(gc.enable)
        gc.disable()
        self.before = connections()

    def assert_forgotten(self) -> None:
        self.assertTrue(self.client.gone)
        self.proxied.finished.clear()  # exchanges that are kept know whence they came
        self.assertEqual(connections(), self.before)

    def test_without_request(self) -> None:
        """
        One that was never asked anything.
        """
        self.start()
        self.client.leave()
        self.assert_forgotten()

    def test_after_answers(self) -> None:
        """
        One on which requests were answered.
        """
        self.start()
        self.ask()
        self.ask(post(3, b"abc"))
        self.client.leave()
        self.assert_forgotten()

    def test_closed(self) -> None:
        """
        One that we close after an answer.
        """
        self.start()
        self.ask(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assert_forgotten()

    def test_refused(self) -> None:
        """
        One whose request was refused.
        """
        self.start()
        self.client.send(b"nonsense\r\n\r\n")
        self.client.finish()
        self.assert_forgotten()

    def test_in_an_exchange(self) -> None:
        """
        One whose client leaves before the answer, or in a body.
        """
        for sent in (GET, post(6, b"abc")):
            self.start()
            self.client.send(sent)
            self.client.leave()
            self.assert_forgotten()

    def test_in_an_answer(self) -> None:
        """
        One whose client leaves in the middle of the answer.
        """
        self.start()
        self.client.send(GET)
        self.proxied.origin.send(OK[:-1])
        self.client.leave()
        self.assert_forgotten()

    def test_late(self) -> None:
        """
        One whose client does not send its request in time.
        """
        self.start(head_timeout=10.0)
        self.client.send(GET[:3])
        self.proxied.advance(10, 2)
        self.assert_forgotten()
