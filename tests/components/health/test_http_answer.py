from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from revproxy.components.health.http_answer import MOST_HEAD, MOST_INTERIM, MOST_SEARCHED, HttpAnswer
from revproxy.errors import Unhealthy

WELL = frozenset(range(200, 400))

UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\n"

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def an_answer(pattern: bytes | None = None, method: bytes = b"GET") -> HttpAnswer:
    return HttpAnswer(method, WELL, None if pattern is None else re.compile(pattern))


def with_length(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class AnswerCase(SynchronousTestCase):
    def unwell(self, answer: HttpAnswer, data: bytes) -> str:
        """
        Why the server is not well that says so.
        """
        return str(self.assertRaises(Unhealthy, answer.hear, data))


class HeadTests(AnswerCase):
    def test_status(self) -> None:
        """
        The status decides, as soon as the head is there.
        """
        for status in (200, 204, 301, 399):
            head = b"HTTP/1.1 %d\r\nContent-Length: 1000\r\n\r\n" % status
            self.assertEqual(an_answer().hear(head), f"status {status}")
        for status in (400, 404, 503, 599):
            self.assertEqual(
                self.unwell(an_answer(), b"HTTP/1.1 %d Bad\r\n\r\n" % status), f"status {status}"
            )

    def test_not_yet(self) -> None:
        """
        Before that nothing is known.
        """
        answer = an_answer()
        self.assertEqual(answer.so_far(), "")
        self.assertIsNone(answer.hear(b"HTTP/1.1 200 OK\r\n"))
        self.assertEqual(answer.so_far(), "the head did not come to an end")
        self.assertEqual(answer.hear(b"\r\n"), "status 200")

    def test_interim(self) -> None:
        """
        Pitfall 15: interim responses are not the answer.
        """
        answer = an_answer()
        self.assertIsNone(
            answer.hear(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\nHT")
        )
        self.assertEqual(self.unwell(answer, b"TP/1.1 503 No\r\n\r\n"), "status 503")

    def test_too_many_interims(self) -> None:
        """
        There is an end to them, and none of them changes the protocol.
        """
        endless = b"HTTP/1.1 102 Wait\r\n\r\n" * (MOST_INTERIM + 1)
        self.assertSubstring("too many interim responses", self.unwell(an_answer(), endless))
        switching = b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"
        self.assertSubstring("nobody asked for", self.unwell(an_answer(), switching))

    def test_malformed(self) -> None:
        """
        What is not HTTP is told as such.
        """
        for garbage in (
            b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
            b"HTTP/2 200\r\n\r\n",
            b"HTTP/1.1 200 OK\n",
            b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"\r\n\r\n",
            b"x" * (MOST_HEAD + 1),
            b"HTTP/1.1 200 OK\r\nA: " + b"x" * MOST_HEAD + b"\r\n\r\n",
        ):
            self.assertSubstring("the answer is malformed: ", self.unwell(an_answer(), garbage))

    def test_slowly_too_large(self) -> None:
        """
        A head that grows and grows is too large, too.
        """
        answer = an_answer()
        self.assertIsNone(answer.hear(b"HTTP/1.1 200 OK\r\n"))
        with self.assertRaises(Unhealthy):
            for _ in range(MOST_HEAD // 1000 + 1):
                answer.hear(b"A: %b\r\n" % (b"x" * 995))

    def test_closed(self) -> None:
        """
        A server that closes before its head is whole is not well.
        """
        answer = an_answer()
        self.assertIn("there was no answer", str(self.assertRaises(Unhealthy, answer.ended)))
        answer.hear(b"HTTP/1.1 200")
        self.assertIn("the head did not", str(self.assertRaises(Unhealthy, answer.ended)))


class BodyTests(AnswerCase):
    def test_found(self) -> None:
        """
        The pattern is looked for anywhere in the body, however that ends.
        """
        seen = "status 200, and the pattern is in the body"
        self.assertEqual(an_answer(b"db: (up|slow)").hear(with_length(b"app: up, db: slow")), seen)
        self.assertEqual(an_answer(b"up").hear(CHUNKED + b"1\r\nu\r\n1\r\np\r\n0\r\n\r\n"), seen)
        answer = an_answer(b"^up$")
        self.assertIsNone(answer.hear(UNTIL_CLOSE + b"u"))
        self.assertIsNone(answer.hear(b"p"))
        self.assertEqual(answer.ended(), seen)

    def test_not_found(self) -> None:
        """
        Where it is not there, a server is not well whatever its status.
        """
        said = "status 200, but the pattern is not in the body"
        self.assertEqual(self.unwell(an_answer(b"up"), with_length(b"down")), said)
        self.assertEqual(self.unwell(an_answer(b"up"), with_length(b"")), said)
        answer = an_answer(b"up")
        answer.hear(UNTIL_CLOSE)
        self.assertEqual(str(self.assertRaises(Unhealthy, answer.ended)), said)

    def test_wrong_status(self) -> None:
        """
        Nor does the pattern help against a wrong status.
        """
        self.assertEqual(self.unwell(an_answer(b"up"), b"HTTP/1.1 500 No\r\n\r\nup"), "status 500")

    def test_whole(self) -> None:
        """
        It is looked for once, when the body is whole: what would only match its beginning
        does not.
        """
        answer = an_answer(rb"^up\Z")
        self.assertIsNone(answer.hear(with_length(b"up and down")[:-9]))
        self.assertEqual(answer.so_far(), "status 200, but the body did not come to an end")
        self.assertSubstring("not in the body", self.unwell(answer, b" and down"))

    def test_only_the_beginning(self) -> None:
        """
        Of a long body the beginning is searched, and the rest not waited for.
        """
        for before, seen in ((MOST_SEARCHED - 2, True), (MOST_SEARCHED - 1, False)):
            answer = an_answer(b"up")
            data = UNTIL_CLOSE + b"x" * before + b"up"
            if seen:
                self.assertIsNotNone(answer.hear(data))
            else:
                self.unwell(answer, data)

    def test_no_body(self) -> None:
        """
        An answer that has no body has nothing in it.
        """
        self.unwell(an_answer(b"up"), b"HTTP/1.1 204 No Content\r\n\r\n")
        self.assertEqual(
            an_answer(b"^$").hear(b"HTTP/1.1 204 No Content\r\n\r\n"),
            "status 204, and the pattern is in the body",
        )
        head = an_answer(method=b"HEAD")
        self.assertEqual(head.hear(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), "status 200")

    def test_cut(self) -> None:
        """
        Pitfall 13: a body that is cut short is not searched.
        """
        for begun in (with_length(b"up and more")[:-5], CHUNKED + b"2\r\nup\r\n"):
            answer = an_answer(b"up")
            self.assertIsNone(answer.hear(begun))
            said = str(self.assertRaises(Unhealthy, answer.ended))
            self.assertEqual(said, "closed the connection; status 200, but the body did not come to an end")

    def test_malformed(self) -> None:
        """
        Chunks that are none are told as such.
        """
        self.assertSubstring("malformed", self.unwell(an_answer(b"up"), CHUNKED + b"zz\r\n"))
