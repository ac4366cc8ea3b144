"""
Tests of L{revproxy.wire.hop_by_hop}.
"""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from revproxy.wire.fields import FrozenFields
from revproxy.wire.hop_by_hop import (
    HOP_BY_HOP,
    PROTECTED,
    REQUEST_REMOVED,
    accepts_trailers,
    end_to_end_request,
    end_to_end_response,
)

USUAL = [
    (b"host", b"example.com"),
    (b"user-agent", b"test"),
    (b"accept", b"*/*"),
    (b"cookie", b"a=b"),
    (b"cookie", b"c=d"),
]

names = st.sampled_from(
    sorted(
        HOP_BY_HOP | PROTECTED | {b"x-a", b"x_a", b"x-forwarded-for", b"x-forwarded-new", b"content-language"}
    )
)
options = st.lists(names, max_size=4).map(b", ".join)
pairs = st.lists(st.tuples(st.just(b"connection"), options) | st.tuples(names, st.just(b"1")), max_size=12)


class EndToEndRequestTests(SynchronousTestCase):
    def test_order_is_kept(self) -> None:
        """
        What goes on keeps its order and its repetitions; Host, which the upstream's
        options decide, is left out.
        """
        self.assertEqual(end_to_end_request(USUAL), USUAL[1:])

    def test_received_fields_are_not_changed(self) -> None:
        """
        The result is a list of its own, even where nothing was removed.
        """
        received = FrozenFields([(b"accept", b"*/*")])
        end_to_end_request(received).add(b"x-added", b"1")
        self.assertEqual(received, FrozenFields([(b"accept", b"*/*")]))

    def test_hop_by_hop_fields_stop(self) -> None:
        """
        Pitfall 8, RFC 9110 section 7.6.1: fields of one connection do not go on, named
        by Connection or not.
        """
        for name in [
            b"connection",
            b"keep-alive",
            b"proxy-connection",
            b"te",
            b"transfer-encoding",
            b"upgrade",
            b"http2-settings",
            b"proxy-authorization",
            b"proxy-authenticate",
            b"proxy",
        ]:
            self.assertEqual(
                end_to_end_request([(b"a", b"1"), (name, b"x"), (b"b", b"2")]), [(b"a", b"1"), (b"b", b"2")]
            )

    def test_h2c_stops(self) -> None:
        """
        Pitfall 35: neither Upgrade: h2c nor its settings go on.
        """
        asked = [
            (b"connection", b"Upgrade, HTTP2-Settings"),
            (b"upgrade", b"h2c"),
            (b"http2-settings", b"AAMAAABkAARAAAAAAAIAAAAA"),
        ]
        self.assertEqual(end_to_end_request(asked), [])

    def test_framing_stops(self) -> None:
        """
        Pitfall 1: framing is never relayed; who serialises the message writes it anew.
        """
        framing = [(b"content-length", b"3"), (b"transfer-encoding", b"chunked"), (b"trailer", b"a")]
        self.assertEqual(end_to_end_request(framing), [])
        self.assertEqual(end_to_end_response(framing), [])

    def test_nominated_fields_stop(self) -> None:
        """
        Pitfall 8: fields that Connection names do not go on, in any case and in any
        of several Connection fields.
        """
        received = [
            (b"connection", b"close, X-A ,, x-b"),
            (b"x-a", b"1"),
            (b"accept", b"*/*"),
            (b"x-b", b"2"),
            (b"x-a", b"3"),
            (b"x-c", b"4"),
            (b"connection", b"X-C"),
        ]
        self.assertEqual(end_to_end_request(received), [(b"accept", b"*/*")])

    def test_protected_fields_cannot_be_nominated(self) -> None:
        """
        Pitfall 8 (Traefik CVE-2024-45410): Connection cannot take away what servers
        tell a client by, or what is meant for all recipients.
        """
        for name in [
            b"x-forwarded-for",
            b"x-forwarded-host",
            b"x-forwarded-anything",
            b"x-real-ip",
            b"forwarded",
            b"via",
            b"authorization",
            b"cookie",
            b"cache-control",
            b"content-type",
        ]:
            received = [(b"connection", b"close, " + name), (name, b"x")]
            self.assertEqual(end_to_end_request(received), [(name, b"x")])

    def test_underscores_are_dropped(self) -> None:
        """
        Pitfall 7: a name with an underscore, which CGI cannot tell from one with a
        dash, does not go on.
        """
        received = [(b"x_forwarded_for", b"1"), (b"x-user", b"2"), (b"x_user", b"3"), (b"_", b"4")]
        self.assertEqual(end_to_end_request(received), [(b"x-user", b"2")])

    def test_more_names(self) -> None:
        """
        Names that the caller adds do not go on either.
        """
        removed = REQUEST_REMOVED | {b"x-client-subject"}
        received = [(b"x-client-subject", b"CN=root"), (b"accept", b"*/*")]
        self.assertEqual(end_to_end_request(received, removed), [(b"accept", b"*/*")])

    @settings(deadline=None)
    @given(pairs)
    def test_what_goes_on(self, received: list[tuple[bytes, bytes]]) -> None:
        """
        Pitfall 8: a field goes on exactly if it is neither removed by rule nor named
        by Connection, unless it is protected.
        """
        nominated = {
            option
            for name, value in received
            if name == b"connection"
            for option in value.split(b", ")
            if option
        }
        nominated = {name for name in nominated - PROTECTED if not name.startswith(b"x-forwarded-")}
        expected = [
            pair for pair in received if pair[0] not in REQUEST_REMOVED | nominated and b"_" not in pair[0]
        ]
        self.assertEqual(end_to_end_request(received), expected)


class EndToEndResponseTests(SynchronousTestCase):
    def test_hop_by_hop_fields_stop(self) -> None:
        """
        Pitfall 8: the server's connection is not the client's.
        """
        received = [
            (b"connection", b"keep-alive, x-a"),
            (b"keep-alive", b"timeout=5"),
            (b"x-a", b"1"),
            (b"proxy-authenticate", b"Basic"),
            (b"upgrade", b"h2,h2c"),
            (b"content-type", b"text/plain"),
            (b"set-cookie", b"a=b"),
        ]
        self.assertEqual(end_to_end_response(received), received[-2:])

    def test_underscores_go_on(self) -> None:
        """
        No CGI reads responses, so their names may have underscores.
        """
        self.assertEqual(end_to_end_response([(b"x_a", b"1")]), [(b"x_a", b"1")])

    def test_cookies_cannot_be_nominated(self) -> None:
        """
        Pitfall 8: Connection cannot take away what is meant for the client.
        """
        received = [(b"connection", b"set-cookie, strict-transport-security"), (b"set-cookie", b"a=b")]
        self.assertEqual(end_to_end_response(received), received[1:])


class AcceptsTrailersTests(SynchronousTestCase):
    def test_trailers(self) -> None:
        """
        Pitfall 14, RFC 9110 section 6.5.1: only TE: trailers says that trailers are taken.
        """
        for value, expected in [
            (b"trailers", True),
            (b"Trailers", True),
            (b"gzip;q=0.5, trailers", True),
            (b"gzip", False),
            (b"trailersx", False),
            (b"", False),
        ]:
            self.assertEqual(accepts_trailers([(b"te", value)]), expected, value)
        self.assertFalse(accepts_trailers([(b"trailer", b"trailers")]))
