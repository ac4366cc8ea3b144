"""
Tests of L{revproxy.edge.exchange_channel}.
"""

from __future__ import annotations

from typing import NoReturn

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IConsumer, IPushProducer
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers
from twisted.web.server import version
from typing_extensions import override
from zope.interface import implementer
from zope.interface.verify import verifyObject

from revproxy.edge.exchange_channel import ExchangeChannel
from revproxy.errors import BadRequest
from revproxy.exchange import UNKNOWN, Exchange, Peer, Response
from revproxy.wire.fields import Fields
from revproxy.wire.serialize import UnsafeField
from tests.edge.test_pulled import Counting
from tests.fakes import RecordingDownstream, an_exchange


@implementer(IPushProducer)
class Pushing:
    """
    Keeps what it is told.
    """

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


class Unwilling(RecordingDownstream):
    """
    Refuses every head, as one with an unsafe field is.
    """

    @override
    def begin(self, response: Response) -> NoReturn:
        raise UnsafeField("NUL")


class ResponseTests(SynchronousTestCase):
    """
    What becomes of what an application writes.
    """

    def begun(
        self, code: bytes = b"200", method: bytes = b"GET", **fields: list[bytes]
    ) -> tuple[RecordingDownstream, Response]:
        downstream = RecordingDownstream()
        self.channel = ExchangeChannel(an_exchange(downstream, method))
        headers = Headers({name.replace("_", "-").encode(): values for name, values in fields.items()})
        self.channel.writeHeaders(b"HTTP/1.1", code, b"Fine", headers)
        assert downstream.response is not None
        return downstream, downstream.response

    def test_head(self) -> None:
        """
        Status, reason and end-to-end fields are given on, names in lower case.
        """
        _, response = self.begun(
            b"404", Set_Cookie=[b"a=1", b"b=2"], Connection=[b"close"], Transfer_Encoding=[b"chunked"]
        )
        self.assertEqual((response.status, response.reason), (404, b"Fine"))
        self.assertEqual(response.fields, Fields([(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]))

    def test_length(self) -> None:
        """
        The length is what the application says it is, where it is a number.
        """
        for declared, length in (([b"5"], 5), ([], UNKNOWN), ([b"+5"], UNKNOWN), ([b"9" * 30], UNKNOWN)):
            _, response = self.begun(Content_Length=declared)
            self.assertEqual(response.length, length)

    def test_length_without_a_body(self) -> None:
        """
        Pitfall 12: a response without a body has no length but a declared one, and
        what is written as its body is dropped.
        """
        for code, method in ((b"200", b"HEAD"), (b"304", b"GET"), (b"204", b"GET")):
            downstream, response = self.begun(code, method)
            self.assertIsNone(response.length)
            self.channel.write(b"body")
            self.assertEqual(downstream.body, b"")
        self.assertEqual(self.begun(b"200", b"HEAD", Content_Length=[b"5"])[1].length, 5)

    def test_length_of_nothing(self) -> None:
        """
        Pitfall 12: C{twisted.web} says of a 304 that it is empty, and not how long the
        file is that the client has.
        """
        self.assertIsNone(self.begun(b"304", Content_Length=[b"0"])[1].length)
        self.assertEqual(self.begun(b"304", Content_Length=[b"5"])[1].length, 5)
        self.assertEqual(self.begun(b"200", Content_Length=[b"0"])[1].length, 0)

    def test_server(self) -> None:
        """
        C{twisted.web} does not tell its version, but the application may name itself.
        """
        self.assertIsNone(self.begun(Server=[version])[1].fields.get(b"server"))
        self.assertEqual(self.begun(Server=[b"mine"])[1].fields.get(b"server"), b"mine")

    def test_body(self) -> None:
        """
        The body is given on part by part, and then ends.
        """
        downstream, _ = self.begun()
        self.channel.write(b"he")
        self.channel.writeSequence([b"l", b"lo"])
        self.channel.flush()
        self.channel.requestDone(None)  # type: ignore[arg-type]
        self.assertEqual(downstream.body, b"hello")
        self.assertEqual(downstream.calls, ["begin", "write", "write", "flush", "end"])

    def test_head_that_cannot_be_sent(self) -> None:
        """
        Pitfall 37: a head that would change the shape of the message becomes an
        error.
        """
        downstream = Unwilling()
        ExchangeChannel(an_exchange(downstream)).writeHeaders(b"HTTP/1.1", b"200", b"OK", Headers())
        self.assertIsInstance(downstream.error, UnsafeField)

    def test_lost(self) -> None:
        """
        An application that closes the connection cuts the response.
        """
        downstream, _ = self.begun()
        self.channel.loseConnection()
        self.channel.abortConnection()
        self.assertEqual(downstream.calls, ["begin", "cut", "cut"])

    def test_bad_form(self) -> None:
        """
        A form that cannot be read is the client's fault.
        """
        downstream = RecordingDownstream()
        ExchangeChannel(an_exchange(downstream))._respondToBadRequestAndDisconnect()
        self.assertIsInstance(downstream.error, BadRequest)


class ProducerTests(SynchronousTestCase):
    """
    Back-pressure on the application.
    """

    def setUp(self) -> None:
        self.channel = ExchangeChannel(an_exchange())

    def test_interface(self) -> None:
        """
        It is an L{IConsumer}.
        """
        verifyObject(IConsumer, self.channel)

    def test_push(self) -> None:
        """
        A push producer is told of what the client does, as long as it is registered.
        """
        producer = Pushing()
        self.channel.pauseProducing()
        self.channel.resumeProducing()
        self.channel.registerProducer(producer, True)
        self.channel.pauseProducing()
        self.channel.resumeProducing()
        self.channel.stopProducing()
        self.channel.unregisterProducer()
        self.channel.pauseProducing()
        self.assertEqual(producer.told, ["pause", "resume", "stop"])

    def test_push_while_paused(self) -> None:
        """
        Pitfall 26: a push producer that comes while the client does not read waits.
        """
        producer = Pushing()
        self.channel.pauseProducing()
        self.channel.registerProducer(producer, True)
        self.assertEqual(producer.told, ["pause"])

    def test_pull(self) -> None:
        """
        A pull producer is asked at once, and again for each part that it has
        written.
        """
        producer = Counting()
        self.channel.registerProducer(producer, False)
        self.assertEqual(producer.asked, 1)
        self.channel.write(b"x")
        self.assertEqual(producer.asked, 2)
        self.channel.unregisterProducer()
        self.channel.write(b"x")
        self.assertEqual(producer.asked, 2)

    def test_pull_while_paused(self) -> None:
        """
        Pitfall 26: a pull producer that comes while the client does not read is
        asked once it does.
        """
        producer = Counting()
        self.channel.pauseProducing()
        self.channel.registerProducer(producer, False)
        self.assertEqual(producer.asked, 0)
        self.channel.resumeProducing()
        self.assertEqual(producer.asked, 1)

    def test_pull_without_a_body(self) -> None:
        """
        A pull producer comes to its end also where its body goes to nobody.
        """
        self.channel = ExchangeChannel(an_exchange(method=b"HEAD"))
        self.channel.writeHeaders(b"HTTP/1.1", b"200", b"OK", Headers())
        producer = Counting()
        self.channel.registerProducer(producer, False)
        self.channel.write(b"x")
        self.assertEqual(producer.asked, 2)

    def test_one_at_a_time(self) -> None:
        """
        A second producer is refused.
        """
        self.channel.registerProducer(Pushing(), True)
        self.assertRaises(RuntimeError, self.channel.registerProducer, Pushing(), True)


class AddressTests(SynchronousTestCase):
    """
    Who the client is, and what it asked for.
    """

    def channel(
        self, client: str = "192.0.2.7", authority: bytes = b"example.com", scheme: bytes = b"http"
    ) -> ExchangeChannel:
        exchange: Exchange = an_exchange(
            authority=authority, scheme=scheme, peer=Peer("192.0.2.7", 50000, 8080)
        )
        exchange.client = client
        return ExchangeChannel(exchange)

    def test_client(self) -> None:
        """
        The peer is the client, who may be behind a trusted proxy or on a UNIX
        socket; the port is known of a direct one only.
        """
        for client, address in (
            ("192.0.2.7", IPv4Address("TCP", "192.0.2.7", 50000)),
            ("198.51.100.1", IPv4Address("TCP", "198.51.100.1", 0)),
            ("2001:db8::1", IPv6Address("TCP", "2001:db8::1", 0)),
            ("", UNIXAddress(None)),
        ):
            self.assertEqual(self.channel(client).getPeer(), address)

    def test_host(self) -> None:
        """
        The host is what the client asked for, with the port that is usual unless it
        named one.
        """
        for authority, scheme, host, port in (
            (b"example.com", b"http", "example.com", 80),
            (b"example.com", b"https", "example.com", 443),
            (b"example.com:8080", b"http", "example.com", 8080),
            (b"[::1]:8080", b"http", "[::1]", 8080),
            (b"", b"http", "", 80),
        ):
            channel = self.channel(authority=authority, scheme=scheme)
            self.assertEqual(channel.getHost(), IPv4Address("TCP", host, port))

    def test_secure(self) -> None:
        """
        The scheme tells whether the client's connection is encrypted.
        """
        self.assertTrue(self.channel(scheme=b"https").isSecure())
        self.assertFalse(self.channel().isSecure())
