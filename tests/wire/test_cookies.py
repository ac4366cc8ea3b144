from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import binary, lists, sampled_from
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.cookies import cookie_attributes, cookies_named, without_cookie


class CookiesNamedTests(SynchronousTestCase):
    def test_found(self) -> None:
        """
        Cookies are found by their whole name, in its case, in all fields and in order.
        """
        for values, found in (
            ([], []),
            ([b""], []),
            ([b"a=1"], [b"1"]),
            ([b"a=1; b=2; a=3", b"a=4"], [b"1", b"3", b"4"]),
            ([b"A=1; aa=2; b=a"], []),
            ([b" a = 1 ;b=2"], [b"1"]),
            ([b"a=b=c"], [b"b=c"]),
            ([b"a="], [b""]),
            ([b"a"], []),
            ([b"b=1,a=2"], []),
            ([b'a="1"'], [b'"1"']),
        ):
            self.assertEqual(cookies_named(values, b"a"), found, values)


class WithoutCookieTests(SynchronousTestCase):
    def test_taken_out(self) -> None:
        """
        The cookies of a name are taken out, and the others stay as they were.
        """
        for value, rest in (
            (b"a=1", b""),
            (b"a=1; b=2", b"b=2"),
            (b"b=2; a=1", b"b=2"),
            (b"b=2; a=1; c=3", b"b=2; c=3"),
            (b"a=1;a=2;b=3", b"b=3"),
            (b"A=1; aa=2; b=a; a", b"A=1; aa=2; b=a; a"),
            (b"b=\xff; a=1", b"b=\xff"),
            (b"; b=2", b"; b=2"),
            (b";a=1; b=2", b"b=2"),
        ):
            self.assertEqual(without_cookie(value, b"a"), rest, value)

    @given(lists(sampled_from([b"a=1", b" a =2", b"b=1", b"", b" ", b"a", b"c=a=1"]) | binary(max_size=5)))
    def test_nothing_is_left(self, parts: list[bytes]) -> None:
        """
        Whatever stands in a field, no cookie of the name is left, and no other is lost.
        Names are no regular expressions.
        """
        self.assertEqual(cookies_named([b"ab=1; a.=2"], b"a."), [b"2"])
        value = b";".join(parts)
        rest = without_cookie(value, b"a")
        self.assertEqual(cookies_named([rest], b"a"), [])
        self.assertEqual(cookies_named([rest], b"b"), cookies_named([value], b"b"))


class CookieAttributesTests(SynchronousTestCase):
    def test_none(self) -> None:
        """
        What is not asked for is not there.
        """
        self.assertEqual(cookie_attributes(), b"")

    def test_all(self) -> None:
        """
        Each is there by its name.
        """
        self.assertEqual(
            cookie_attributes(b"/app", b"example.com", 60, b"Lax", True, True),
            b"; Path=/app; Domain=example.com; Max-Age=60; SameSite=Lax; HttpOnly; Secure",
        )
