"""
A WSGI application, as somebody might have one behind the proxy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from hashlib import sha256
from threading import Event
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

GO_ON = Event()
"""
Lets C{/stream} send its second half.
"""

LINE = b"a line of the report\n"


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """
    Answer by path.
    """
    pages = {"/form": form, "/upload": upload, "/stream": stream, "/go-on": go_on, "/report": report}
    page = pages.get(environ["PATH_INFO"])
    if page is None:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"no such page\n"]
    start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return page(environ)


def form(environ: WSGIEnvironment) -> Iterable[bytes]:
    """
    The fields of a form, and where the client says it came to.
    """
    fields = parse_qs(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
    seen: dict[str, Any] = {"fields": fields, "host": environ["HTTP_HOST"], "query": environ["QUERY_STRING"]}
    return [json.dumps(seen).encode()]


def upload(environ: WSGIEnvironment) -> Iterable[bytes]:
    """
    The digest of each part of a form with files.
    """
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    head = b"Content-Type: %b\n\n" % environ["CONTENT_TYPE"].encode()
    message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    digests = {
        part["Content-Disposition"].params["name"]: sha256(part.get_content()).hexdigest()
        for part in message.iter_parts()
    }
    return [json.dumps(digests).encode()]


def stream(environ: WSGIEnvironment) -> Iterator[bytes]:
    """
    A first half, and a second when somebody asks for it.
    """
    yield b"first half\n"
    GO_ON.wait(30)
    yield b"second half\n"


def go_on(environ: WSGIEnvironment) -> Iterable[bytes]:
    """
    Let the streams go on.
    """
    GO_ON.set()
    return [b"going on\n"]


def report(environ: WSGIEnvironment) -> Iterator[bytes]:
    """
    Many small pieces.
    """
    for _ in range(10_000):
        yield LINE
