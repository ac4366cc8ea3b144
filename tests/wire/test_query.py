from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.query import query_parameters


class QueryParametersTests(SynchronousTestCase):
    """
    Queries as HTML forms write them.
    """

    def test_decoded_once(self) -> None:
        """
        Names and values are percent-decoded once, a plus sign is a space; what is
        no percent-encoding stays.
        """
        for query, pairs in (
            (None, []),
            (b"", []),
            (b"&&", []),
            (b"a=1&b", [(b"a", b"1"), (b"b", b"")]),
            (b"a=1=2", [(b"a", b"1=2")]),
            (b"=x", [(b"", b"x")]),
            (b"%61=%62+c", [(b"a", b"b c")]),
            (b"a=%2561", [(b"a", b"%61")]),
            (b"a=%zz%", [(b"a", b"%zz%")]),
            (b"a=1;b=2", [(b"a", b"1;b=2")]),
            (b"a=%26b=%ff", [(b"a", b"&b=\xff")]),
        ):
            self.assertEqual(query_parameters(query), pairs, query)
