"""
Tests of L{revproxy.edge.tree}: the tree in a stock site of C{twisted.web}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request as TwistedRequest
from zope.interface.verify import verifyObject

from revproxy.edge.match import Route
from revproxy.edge.tree import RouteTree
from tests.edge.sites import SiteClient, SiteLeaf


class Plain(Resource):
    """
    Tells which resource of C{twisted.web} was found, and with what of the path.
    """

    def __init__(self, name: bytes, leaf: bool = True) -> None:
        super().__init__()
        self.name = name
        self.isLeaf = leaf

    def render_GET(self, request: TwistedRequest) -> bytes:
        return b" ".join([self.name, b"/".join(request.prepath or ()), b"/".join(request.postpath or ())])


class SiteTests(SynchronousTestCase):
    """
    The tree in a stock site of C{twisted.web}.
    """

    def get(self, root: object, target: bytes, host: bytes = b"example.com") -> bytes:
        client = SiteClient(root)
        client.send(b"GET " + target + b" HTTP/1.1", b"Host: " + host)
        head, _, body = client.take().partition(b"\r\n\r\n")
        return body if b" 200 " in head else head.split(b" ")[1]

    def test_interface(self) -> None:
        """
        The tree is an L{IResource} that takes no children.
        """
        tree = RouteTree([])
        verifyObject(IResource, tree)
        self.assertRaises(NotImplementedError, tree.putChild, b"x", Resource())

    def test_leaf_for_the_whole_request(self) -> None:
        """
        A leaf is found by the whole path and the host; the path is split where the
        route's ends.
        """
        tree = RouteTree([Route(Plain(b"api"), b"example.com", b"/api/v1"), Route(Plain(b"all"))])
        for target, host, answer in (
            (b"/api/v1/x/y?q=1", b"Example.com:80", b"api api/v1 x/y"),
            (b"/api/v1", b"example.com", b"api api/v1 "),
            (b"/api/v2", b"example.com", b"all  api/v2"),
            (b"/", b"example.com", b"all  "),
            (b"/api/v1/x", b"other.test", b"all  api/v1/x"),
        ):
            self.assertEqual(self.get(tree, target, host), answer, target)

    def test_children(self) -> None:
        """
        Behind a resource that is no leaf its children are found.
        """
        parent = Plain(b"parent", leaf=False)
        parent.putChild(b"child", Plain(b"child"))
        tree = RouteTree([Route(parent, path=b"/static")])
        self.assertEqual(self.get(tree, b"/static/child/x"), b"child static/child x")
        self.assertEqual(self.get(tree, b"/static"), b"parent static ")
        self.assertEqual(self.get(tree, b"/static/other"), b"404")

    def test_canonical_path(self) -> None:
        """
        Pitfall 17: the path is split as it was matched, not as it was sent.
        """
        tree = RouteTree([Route(Plain(b"admin"), path=b"/admin"), Route(Plain(b"all"))])
        self.assertEqual(self.get(tree, b"//x/..//%61dmin/./y"), b"admin admin y")

    def test_no_route(self) -> None:
        """
        Without a route the answer is 404, and 400 for what is no valid request.
        """
        tree = RouteTree([Route(Plain(b"api"), path=b"/api")])
        self.assertEqual([self.get(tree, b"/x"), self.get(tree, b"/%00")], [b"404", b"400"])

    def test_named_listeners(self) -> None:
        """
        No listener has a name in a site, so routes for certain ones are not found.
        """
        tree = RouteTree([Route(Plain(b"api"), listeners=["secure"])])
        self.assertEqual(self.get(tree, b"/"), b"404")

    def test_further_down(self) -> None:
        """
        Put under another resource, the tree matches the whole path still, with
        something of it left or not.
        """
        root = Resource()
        root.putChild(
            b"app", RouteTree([Route(Plain(b"api"), path=b"/app/api"), Route(Plain(b"app"), path=b"/app")])
        )
        self.assertEqual(self.get(root, b"/app/api/x"), b"api app/api x")
        self.assertEqual(self.get(root, b"/app"), b"app app ")

    def test_our_own_resources(self) -> None:
        """
        Resources of ours are found and rendered, which makes exchanges of the
        requests.
        """
        leaf = SiteLeaf()
        client = SiteClient(RouteTree([Route(leaf, path=b"/api")]))
        client.send(b"POST /api/x HTTP/1.1", b"Host: h", b"Content-Length: 2", body=b"ab")
        self.assertEqual((leaf.exchanges[0].request.path, leaf.receiver.body), (b"/api/x", b"ab"))
