"""
Tests of L{revproxy.discovery.question}.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis.strategies import binary
from twisted.names import dns
from twisted.trial.unittest import SynchronousTestCase

from revproxy.discovery.question import Question


def reply(question: Question, **more: Any) -> dns.Message:
    """
    What a server would say.
    """
    asked = dns.Message()
    asked.fromStr(question.octets)
    answer = dns.Message(asked.id, answer=1)
    answer.queries = asked.queries
    for name, value in more.items():
        setattr(answer, name, value)
    return answer


class QuestionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.question = Question("app.test", dns.AAAA)

    def accepts(self, **more: Any) -> bool:
        return self.question.answer_in(reply(self.question, **more).toStr()) is not None

    def test_asked(self) -> None:
        """
        One name and one type are asked for, with recursion.
        """
        asked = dns.Message()
        asked.fromStr(self.question.octets)
        (query,) = asked.queries
        self.assertEqual((query.name.name, query.type, query.cls), (b"app.test", dns.AAAA, dns.IN))
        self.assertEqual((asked.recDes, asked.answer), (1, 0))

    def test_answered(self) -> None:
        """
        The answer repeats the question, in whichever case.
        """
        self.assertTrue(self.accepts())
        self.assertTrue(self.accepts(queries=[dns.Query(b"APP.Test", dns.AAAA)]))

    def test_others(self) -> None:
        """
        Pitfall 39: what was not asked for is not taken for an answer.
        """
        self.assertFalse(self.accepts(id=reply(self.question).id ^ 1))
        self.assertFalse(self.accepts(answer=0))
        for name, type in ((b"app.test", dns.A), (b"other.test", dns.AAAA)):
            self.assertFalse(self.accepts(queries=[dns.Query(name, type)]))
        self.assertFalse(self.accepts(queries=[]))

    def test_refused(self) -> None:
        """
        A server that refuses need not repeat the question.
        """
        self.assertTrue(self.accepts(queries=[], rCode=dns.EREFUSED))

    def test_unpredictable(self) -> None:
        """
        Nobody can tell from one question which number another has.
        """
        numbers = {reply(Question("app.test", dns.A)).id for _ in range(50)}
        self.assertGreater(len(numbers), 40)

    @given(binary(max_size=100))
    def test_nonsense(self, octets: bytes) -> None:
        """
        Whatever comes, it is an answer or it is not.
        """
        self.assertIsNone(Question("app.test", dns.A).answer_in(octets))

    @given(binary(max_size=60))
    def test_half_nonsense(self, octets: bytes) -> None:
        """
        The same where it begins well.
        """
        question = Question("app.test", dns.A)
        question.answer_in(reply(question).toStr()[:12] + octets)
