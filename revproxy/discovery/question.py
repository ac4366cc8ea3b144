"""
A question to a server of DNS, and what counts as its answer.
"""

from __future__ import annotations

from twisted.names import dns


class Question:
    """
    One question for the records of a name, RFC 1035 section 4.1.

    @ivar octets: the message that asks it.
    """

    def __init__(self, name: str, type: int) -> None:
        """
        @param type: of the records.
        """
        self._query = dns.Query(name.encode("ascii"), type, dns.IN)
        # Nobody may guess it who could forge an answer.
        self._id = dns.randomSource()
        message = dns.Message(self._id, recDes=1)
        message.queries = [self._query]
        self.octets = message.toStr()

    def answer_in(self, octets: bytes) -> dns.Message | None:
        """
        @param octets: what came.
        @return: the message; C{None} where it is none, or the answer to another question.
        """
        message = dns.Message()
        try:
            message.fromStr(octets)
        except Exception:
            return None  # what stumbles over nonsense does so in many ways
        return message if message.answer and message.id == self._id and self._is_asked_in(message) else None

    def _is_asked_in(self, message: dns.Message) -> bool:
        """
        Whether a message repeats the question, which it need not where it is refused.
        """
        if not message.queries:
            return message.rCode != dns.OK
        return [_essence(each) for each in message.queries] == [_essence(self._query)]


def _essence(query: dns.Query) -> tuple[bytes, int, int]:
    return query.name.name.lower(), query.type, query.cls
