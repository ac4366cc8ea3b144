"""
Tests of L{revproxy.edge.mount}.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO, cast

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import IResource, Resource
from twisted.web.server import NOT_DONE_YET, Request
from twisted.web.static import Data
from typing_extensions import override
from zope.interface.verify import verifyObject

from revproxy.edge.match import Route
from revproxy.edge.mount import MountedResource, as_exchange_resource
from revproxy.edge.tree import RouteTree
from revproxy.errors import BadRequest, ContentTooLarge, RequestTimeout
from revproxy.exchange import UNKNOWN, Exchange
from revproxy.interfaces import IExchangeResource, IReceiver
from revproxy.wire.fields import Pair
from tests.edge.sites import SiteClient
from tests.fakes import RecordingDownstream, RecordingResource, an_exchange

HELLO = Data(b"hello", "text/plain")


class Application(Resource):
    """
    A leaf whose answers a test gives.
    """

    isLeaf = True

    def __init__(self, answer: Callable[[Request], int | bytes]) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self._answer = answer

    @override
    def render(self, request: Request) -> int | bytes:
        self.requests.append(request)
        return self._answer(request)


def later(request: Request) -> int:
    """
    Answer when the test does.
    """
    return NOT_DONE_YET


def echo(request: Request) -> bytes:
    """
    Answer with the request's body.
    """
    return cast(BinaryIO, request.content).read()


class MountTests(SynchronousTestCase):
    """
    An exchange that a resource of C{twisted.web} answers.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.downstream = RecordingDownstream()

    def mount(self, resource: IResource, path: bytes = b"/") -> MountedResource:
        return MountedResource(resource, self.clock, path)

    def ask(
        self,
        resource: IResource,
        method: bytes = b"GET",
        path: bytes = b"/here",
        fields: Sequence[Pair] = (),
        length: int | None = None,
        most_body: int = 100,
        expects_continue: bool = False,
    ) -> IReceiver:
        self.exchange: Exchange = an_exchange(
            self.downstream, method, path, None, fields=fields, length=length, most_body=most_body,
            expects_continue=expects_continue,
        )  # fmt: skip
        return self.mount(resource, path).answer(self.exchange)

    @property
    def answer(self) -> tuple[int, bytes]:
        response = self.downstream.response
        assert response is not None
        return response.status, self.downstream.body

    def test_interfaces(self) -> None:
        """
        It is an L{IExchangeResource}, and what it answers with an L{IReceiver}.
        """
        mounted = self.mount(Application(later))
        verifyObject(IExchangeResource, mounted)
        verifyObject(IReceiver, mounted.answer(an_exchange()))

    def test_answer_at_once(self) -> None:
        """
        A request without a body is answered out of C{answer}, with the length.
        """
        self.ask(HELLO)
        self.assertEqual(self.answer, (200, b"hello"))
        response = self.downstream.response
        assert response is not None
        self.assertEqual((response.length, response.fields.get(b"content-type")), (5, b"text/plain"))
        self.assertEqual(self.downstream.calls, ["begin", "write", "end"])

    def test_answer_later(self) -> None:
        """
        A resource may answer when it likes.
        """
        application = Application(later)
        self.ask(application)
        self.assertEqual(self.downstream.calls, [])
        application.requests[0].write(b"hello")
        application.requests[0].finish()
        self.assertEqual(self.answer, (200, b"hello"))
        self.assertEqual(self.downstream.calls, ["begin", "write", "end"])

    def test_children(self) -> None:
        """
        The resource's children are found by what comes behind the path where it is
        mounted.
        """
        root, users = Resource(), Resource()
        root.putChild(b"users", users)
        users.putChild(b"me", Application(lambda request: b"/".join(request.prepath or ())))
        for path, answer in ((b"/app/users/me", (200, b"app/users/me")), (b"/app/users/you", (404, b""))):
            self.downstream = RecordingDownstream()
            self.mount(root, b"/app/").answer(an_exchange(self.downstream, path=path))
            status, body = self.answer
            self.assertEqual((status, body if status == 200 else b""), answer)

    def test_head(self) -> None:
        """
        Pitfall 12: HEAD is answered with the head that GET has.
        """
        self.ask(HELLO, b"HEAD")
        response = self.downstream.response
        assert response is not None
        self.assertEqual((self.answer, response.length), ((200, b""), 5))

    def test_not_modified(self) -> None:
        """
        Pitfall 12: a conditional request is answered with 304 and no body.
        """

        def tagged(request: Request) -> bytes:
            return b"" if request.setETag(b'"x"') else b"hello"

        self.ask(Application(tagged), fields=[(b"if-none-match", b'"x"')])
        self.assertEqual(self.answer, (304, b""))

    def test_method_not_allowed(self) -> None:
        """
        A method that the resource does not have is answered with 405.
        """
        self.ask(HELLO, b"POST")
        self.assertEqual(self.answer[0], 405)

    def test_body(self) -> None:
        """
        The resource is asked once the whole body is there, and reads it.
        """
        application = Application(echo)
        receiver = self.ask(application, b"POST", length=5)
        receiver.request_body(b"he")
        receiver.request_flush()
        receiver.request_body(b"llo")
        self.assertEqual(application.requests, [])
        receiver.request_ended(())
        self.assertEqual(self.answer, (200, b"hello"))

    def test_body_of_unknown_length(self) -> None:
        """
        A body that comes in chunks has its length for the resource.
        """
        application = Application(echo)
        receiver = self.ask(application, b"POST", length=UNKNOWN)
        receiver.request_body(b"hello")
        receiver.request_ended(())
        self.assertEqual(application.requests[0].getHeader(b"content-length"), b"5")
        self.assertEqual(self.answer, (200, b"hello"))

    def test_form(self) -> None:
        """
        The fields of a form are parsed, as C{twisted.web} does.
        """
        application = Application(lambda request: cast(dict[bytes, list[bytes]], request.args)[b"a"][0])
        fields = [(b"content-type", b"application/x-www-form-urlencoded")]
        receiver = self.ask(application, b"POST", fields=fields, length=3)
        receiver.request_body(b"a=b")
        receiver.request_ended(())
        self.assertEqual(self.answer, (200, b"b"))

    def test_bad_form(self) -> None:
        """
        A form that cannot be read is answered with 400.
        """
        fields = [(b"content-type", b"multipart/form-data")]
        receiver = self.ask(Application(echo), b"POST", fields=fields, length=3)
        receiver.request_body(b"a=b")
        receiver.request_ended(())
        self.assertIsInstance(self.downstream.error, BadRequest)

    def test_declared_too_large(self) -> None:
        """
        A body that says that it is too large is refused before it comes.
        """
        self.ask(Application(echo), b"POST", length=101)
        self.assertIsInstance(self.downstream.error, ContentTooLarge)

    def test_grows_too_large(self) -> None:
        """
        A body of unknown length is refused when it grows too large; what comes
        then is dropped, and the resource never asked.
        """
        application = Application(echo)
        receiver = self.ask(application, b"POST", length=UNKNOWN, most_body=4)
        receiver.request_body(b"hell")
        self.assertIsNone(self.downstream.error)
        receiver.request_body(b"o")
        receiver.request_body(b"!")
        receiver.request_ended(())
        self.assertEqual((self.downstream.calls, application.requests), (["refuse"], []))
        self.assertIsInstance(self.downstream.error, ContentTooLarge)

    def test_body_fails(self) -> None:
        """
        A body that will not be complete is refused with what was wrong.
        """
        receiver = self.ask(Application(echo), b"POST", length=5)
        error = RequestTimeout("too slow")
        receiver.request_failed(error)
        self.assertIs(self.downstream.error, error)

    def test_expectation(self) -> None:
        """
        Pitfall 11: a client that waits for a 100 gets it, where it may send the
        body.
        """
        self.ask(Application(echo), b"POST", length=5, expects_continue=True)
        self.assertEqual(self.downstream.interims, [100])
        self.downstream.interims.clear()
        self.ask(Application(echo), b"POST", length=500, expects_continue=True)
        self.assertEqual(self.downstream.interims, [])

    def test_client_leaves(self) -> None:
        """
        Pitfall 44: a resource hears of a client that leaves while it answers.
        """
        left: list[Deferred[None]] = []

        def watch(request: Request) -> int:
            left.append(request.notifyFinish())
            return NOT_DONE_YET

        receiver = self.ask(Application(watch))
        receiver.client_left()
        self.failureResultOf(left[0], ConnectionLost)

    def test_client_leaves_before_the_body_is_whole(self) -> None:
        """
        Of a client that leaves in the middle of its request the resource never
        hears.
        """
        application = Application(echo)
        receiver = self.ask(application, b"POST", length=5)
        receiver.request_body(b"he")
        receiver.client_left()
        receiver.request_ended(())
        self.assertEqual((application.requests, self.downstream.calls), ([], []))

    def test_resource_that_fails(self) -> None:
        """
        A resource that raises is answered with 500.
        """

        def fail(request: Request) -> bytes:
            raise RuntimeError("a bug")

        self.ask(Application(fail))
        self.assertEqual(self.answer[0], 500)
        self.assertNotIn(b"a bug", self.answer[1])
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_resource_that_fails_half_way(self) -> None:
        """
        Pitfall 13: a response that breaks off is cut, not passed for whole.
        """
        finished: list[Deferred[None]] = []

        def fail(request: Request) -> bytes:
            finished.append(request.notifyFinish())
            request.write(b"hel")
            raise RuntimeError("a bug")

        self.ask(Application(fail))
        self.assertEqual((self.downstream.body, self.downstream.calls[-1]), (b"hel", "cut"))
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.failureResultOf(finished[0], ConnectionLost)

    def test_session(self) -> None:
        """
        Sessions work, and end by the clock that was given.
        """
        self.ask(Application(lambda request: request.getSession().uid))
        response = self.downstream.response
        assert response is not None
        self.assertIn(self.downstream.body, response.fields.get(b"set-cookie") or b"")
        self.clock.advance(3600)
        self.assertEqual(self.clock.getDelayedCalls(), [])


class AsExchangeResourceTests(SynchronousTestCase):
    """
    What is wrapped.
    """

    def test_ours_is_not_wrapped(self) -> None:
        """
        A resource that answers exchanges stays as it is.
        """
        resource = RecordingResource()
        self.assertIs(as_exchange_resource(resource, Clock()), resource)

    def test_others_are_mounted(self) -> None:
        """
        Any other resource is mounted where it is said to be.
        """
        root = Resource()
        root.putChild(b"x", HELLO)
        downstream = RecordingDownstream()
        as_exchange_resource(root, Clock(), b"/a/b").answer(an_exchange(downstream, path=b"/a/b/x"))
        self.assertEqual(downstream.body, b"hello")

    def test_in_a_site(self) -> None:
        """
        In a tree of C{twisted.web} a mounted resource is as if it were there itself.
        """
        root = Resource()
        mounted = MountedResource(root, Clock(), b"/a")
        mounted.putChild(b"x", HELLO)
        client = SiteClient(RouteTree([Route(mounted, path=b"/a")]))
        client.send(b"GET /a/x HTTP/1.1", b"Host: h")
        self.assertTrue(client.take().endswith(b"\r\n\r\nhello"))
        client = SiteClient(RouteTree([Route(MountedResource(HELLO, Clock(), b"/b"), path=b"/b")]))
        client.send(b"GET /b HTTP/1.1", b"Host: h")
        self.assertTrue(client.take().endswith(b"\r\n\r\nhello"))
