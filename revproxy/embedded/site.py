"""
A small web site to see the proxy at work with.
"""

from __future__ import annotations

from html import escape
from string import Template

from twisted.internet.interfaces import IReactorTime
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import Site
from typing_extensions import override

PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>revproxy: $name</title>
<style>
  body { font: 18px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem;
         color: #223; background: #fbfaf7 }
  h1 { font-weight: 600; line-height: 1.2 }
  strong { color: #0b6e4f }
  pre { background: #efece4; padding: .8rem 1rem; border-radius: .4rem; overflow: auto }
  @media (prefers-color-scheme: dark) {
    body { color: #e6e3da; background: #1c1f24 } strong { color: #6fd3ae } pre { background: #2a2e35 }
    a { color: #9cc4ff }
  }
</style>
<h1>The proxy works</h1>
<p>This page came through revproxy from <strong>$name</strong>, one of two demonstration servers in the
same process. Reload it a few times: they take turns.</p>
<p><a href="/headers">What the server was sent</a>: your request, as the proxy handed it on.</p>
<h2>Now with your own server</h2>
<pre>twistd -n --pidfile= revproxy --from tcp:8081:interface=127.0.0.1 \\
    --to http://127.0.0.1:9000</pre>
<p>or with a file that says all the rest:</p>
<pre>twistd -n --pidfile= revproxy --config revproxy.yaml</pre>
</html>
""")
"""
C{name} is the server's, escaped.
"""


def demonstration_site(name: str, clock: IReactorTime) -> Site:
    """
    @param name: what the server calls itself on its page.
    @return: a site with a page at C{/}, and at C{/headers} the request as it came.
    """
    root = Resource()
    root.putChild(b"", DemonstrationPage(name))
    root.putChild(b"headers", RequestEcho(name))
    return DemonstrationSite(root, reactor=clock)


class DemonstrationSite(Site):
    """
    A site that tells nothing but its pages: the proxy in front of it has a log.
    """

    noisy = False
    displayTracebacks = False

    @override
    def log(self, request: Request) -> None:
        """
        Log nothing.
        """


class DemonstrationPage(Resource):
    """
    Says that all is well, and which server says so.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._page = PAGE.substitute(name=escape(name)).encode()

    def render_GET(self, request: Request) -> bytes:
        """
        Answer GET, and HEAD.
        """
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        request.setHeader(b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'")
        request.setHeader(b"cache-control", b"no-store")
        return self._page


class RequestEcho(Resource):
    """
    Gives back the head of the request, as text that no browser takes for anything else.
    """

    isLeaf = True

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def render_GET(self, request: Request) -> bytes:
        """
        Answer GET, and HEAD.
        """
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        request.setHeader(b"x-content-type-options", b"nosniff")
        request.setHeader(b"cache-control", b"no-store")
        lines = [b" ".join((request.method, request.uri, request.clientproto))]
        for name, values in request.requestHeaders.getAllRawHeaders():
            lines.extend(name + b": " + value for value in values)
        said = b"\n".join(lines).decode("latin-1")
        return f"{self._name} was sent:\n\n{said}\n".encode()
