"""
Tests of L{revproxy.wire.caching.keys}.
"""

from itertools import product
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.caching.keys import KeyRule, sent_otherwise
from revproxy.wire.caching.query import QueryRule
from revproxy.wire.pairs import Pair
from tests.wire.caching.messages import fields


class Input(NamedTuple):
    """
    All that a key can be made of.
    """

    scheme: bytes
    authority: bytes
    path: bytes
    query: bytes | None
    fields: list[Pair]
    country: bytes


URL_TEXT = st.text("a/?=&:.%,0", max_size=6)
INPUTS = st.builds(
    Input,
    st.sampled_from([b"http", b"https"]),
    st.sampled_from([b"a", b"a:8", b"b.example:443", b"[::1]", b"a:80"]),
    URL_TEXT.map(lambda text: b"/" + text.replace("?", "").encode()),
    st.none() | URL_TEXT.map(str.encode),
    st.lists(
        st.tuples(st.sampled_from([b"x", b"y", b"cookie"]), st.binary(max_size=8) | st.just(b"c=1; d=2")),
        max_size=4,
    ),
    st.sampled_from([b"", b"DE", b" ", b"field:1:x"]),
)
FULL = KeyRule(fields=[b"x", b"y"], cookies=[b"c"], country=True)


def made(rule: KeyRule, request: Input) -> bytes:
    return rule.key(*request)


class KeyTests(SynchronousTestCase):
    def test_url(self) -> None:
        """
        Pitfall 27, RFC 9111 section 2: scheme, authority, path and query are in the key.
        """
        rule = KeyRule()
        for args, expected in [
            ((b"http", b"example.com", b"/", None), b"http://example.com/"),
            ((b"https", b"example.com", b"/", None), b"https://example.com/"),
            ((b"http", b"example.org", b"/", None), b"http://example.org/"),
            ((b"http", b"example.com", b"/a/b", b"c=d"), b"http://example.com/a/b?c=d"),
            ((b"http", b"example.com", b"/", b""), b"http://example.com/?"),
            ((b"http", b"example.com:80", b"/", None), b"http://example.com/"),
            ((b"https", b"example.com:443", b"/", None), b"https://example.com/"),
            ((b"https", b"example.com:80", b"/", None), b"https://example.com:80/"),
            ((b"http", b"example.com:8080", b"/", None), b"http://example.com:8080/"),
            ((b"http", b"[2001:db8::80]", b"/", None), b"http://[2001:db8::80]/"),
        ]:
            self.assertEqual(rule.key(*args), expected)
            self.assertEqual(rule.url(*args), expected)

    def test_query_rule(self) -> None:
        """
        What the rule leaves of the query is in the key.
        """
        rule = KeyRule(QueryRule(drop=[b"utm_*"], sort=True))
        self.assertEqual(rule.key(b"http", b"a", b"/", b"b=1&utm_x=2&a=3"), b"http://a/?a=3&b=1")
        self.assertEqual(rule.key(b"http", b"a", b"/", b"utm_x=2"), b"http://a/")

    def test_additions(self) -> None:
        """
        Named fields, cookies and the country are in the key with all their values, and
        nothing else of the request is.
        """
        request = fields("X: 1", "Y: 2", "Cookie: a=1; c=2", "Cookie: c=3;d; cc=4", "X: 5")
        url = b"http://a/"
        for rule, expected in [
            (KeyRule(fields=[b"x"]), url + b" field:1:x,1:1,1:5"),
            (KeyRule(fields=[b"y", b"x"]), url + b" field:1:x,1:1,1:5 field:1:y,1:2"),
            (KeyRule(fields=[b"z"]), url + b" field:1:z"),
            (KeyRule(cookies=[b"c"]), url + b" cookie:1:c,1:2,1:3"),
            (KeyRule(cookies=[b"d"]), url + b" cookie:1:d"),
            (KeyRule(country=True), url + b" country:0:,2:DE"),
            (KeyRule(fields=[b"x"], country=True), url + b" field:1:x,1:1,1:5 country:0:,2:DE"),
        ]:
            self.assertEqual(rule.key(b"http", b"a", b"/", None, request, b"DE"), expected)

    def test_names_of_fields(self) -> None:
        """
        Which fields are in the key is told, for who has to know which are not.
        """
        self.assertEqual(KeyRule(fields=[b"x"], cookies=[b"c"]).keyed, {b"x"})
        self.assertFalse(KeyRule(way=[b"app"]).varies)
        self.assertTrue(KeyRule(cookies=[b"c"]).varies)

    def test_way(self) -> None:
        """
        Pitfall 27: where one URL may go different ways, the way is in all keys.
        """
        rule = KeyRule(fields=[b"x"], way=[b"app", b"stamp"])
        found = rule.key(b"http", b"a", b"/", None, fields("X: 1"))
        self.assertEqual(found, b"http://a/ field:1:x,1:1 way:0:,3:app,5:stamp")
        rule = KeyRule(way=[b"app"])
        self.assertEqual(rule.key(b"http", b"a", b"/", None), b"http://a/" + rule.ending)
        self.assertEqual(rule.url(b"http", b"a", b"/", None), b"http://a/")

    def test_sent_otherwise(self) -> None:
        """
        Pitfall 27: what a request is to the server alone is told apart by each of its parts.
        """
        self.assertEqual(sent_otherwise(None, None, None), b"")
        self.assertEqual(sent_otherwise(None, None, b"/b"), b" sent:6:target,2:/b")
        self.assertEqual(
            sent_otherwise(b"PUT", b"h", b"/"), b" sent:6:method,3:PUT sent:9:authority,1:h sent:6:target,1:/"
        )
        said = [None, b"", b"a", b",1:a"]
        found = {sent_otherwise(*three) for three in product(said, said, said)}
        self.assertEqual(len(found), len(said) ** 3)

    def test_cookies(self) -> None:
        """
        RFC 6265 section 4.2: cookies are found whatever white space is around them, and
        only by their whole name.
        """
        rule = KeyRule(cookies=[b"c"])
        for line, values in [
            ("c=1", b",1:1"),
            ("a=c=1; c=2=3", b",3:2=3"),
            ("c =1;\tc= 2 ", b",1:1,2: 2"),
            ("C=1; cc=2; c", b""),
            ("c=", b",0:"),
            ('c="1;c=2"', b',2:"1,2:2"'),
        ]:
            found = rule.key(b"http", b"a", b"/", None, fields(f"Cookie: {line}"))
            self.assertEqual(found, b"http://a/ cookie:1:c" + values, line)

    @settings(deadline=None, max_examples=300)
    @given(INPUTS, INPUTS)
    def test_different_requests_have_different_keys(self, one: Input, other: Input) -> None:
        """
        Pitfall 27: no two requests that differ in anything that is in the key have the
        same.
        """
        self.assertEqual(made(FULL, one) == made(FULL, other), counted(one) == counted(other))

    @settings(deadline=None)
    @given(INPUTS, INPUTS)
    def test_different_rules_have_different_keys(self, one: Input, other: Input) -> None:
        """
        What one rule adds is never taken for what another one adds.
        """
        rules = [
            KeyRule(), KeyRule(fields=[b"x"]), KeyRule(cookies=[b"x"]), KeyRule(country=True), FULL,
            KeyRule(way=[b"x"]), KeyRule(way=[b"x", b"y"]), KeyRule(way=[b"x,1:y"]),
            KeyRule(fields=[b"x"], way=[b"x"]),
        ]  # fmt: skip
        keys = [{made(rule, one), made(rule, other)} for rule in rules]
        for index, found in enumerate(keys):
            for others in keys[index + 1 :]:
                self.assertFalse(found & others)

    @settings(deadline=None)
    @given(INPUTS)
    def test_keys_of_a_url(self, request: Input) -> None:
        """
        All keys of a URL are found by it, and none of another one.
        """
        url = FULL.url(*request[:4])
        self.assertTrue(made(FULL, request).startswith(url + b" "))
        self.assertEqual(made(KeyRule(), request), url)
        self.assertNotIn(b" ", url)


def counted(request: Input) -> tuple[object, ...]:
    """
    What of a request has to be in the key of L{FULL}.
    """
    own = {b"http": b":80", b"https": b":443"}[request.scheme]
    cookies = [
        pair.strip(b"\t ").partition(b"=")
        for name, value in request.fields
        if name == b"cookie"
        for pair in value.split(b";")
    ]
    return (
        request.scheme,
        request.authority.removesuffix(own),
        request.path,
        request.query,
        [value for name, value in request.fields if name == b"x"],
        [value for name, value in request.fields if name == b"y"],
        [value for name, equals, value in cookies if equals and name.rstrip(b"\t ") == b"c"],
        request.country,
    )
