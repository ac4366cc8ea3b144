"""
Reason phrases, and the small bodies of the answers that the proxy gives itself.

A body names the status and nothing else: no word about what stands behind, and
nothing that the client sent.
"""

from typing import Final

from revproxy.wire.negotiate import HTML, JSON, TEXT, preferred

REASONS: Final[dict[int, bytes]] = {
    100: b"Continue",
    101: b"Switching Protocols",
    102: b"Processing",
    103: b"Early Hints",
    104: b"Upload Resumption Supported",
    200: b"OK",
    201: b"Created",
    202: b"Accepted",
    203: b"Non-Authoritative Information",
    204: b"No Content",
    205: b"Reset Content",
    206: b"Partial Content",
    207: b"Multi-Status",
    208: b"Already Reported",
    226: b"IM Used",
    300: b"Multiple Choices",
    301: b"Moved Permanently",
    302: b"Found",
    303: b"See Other",
    304: b"Not Modified",
    305: b"Use Proxy",
    307: b"Temporary Redirect",
    308: b"Permanent Redirect",
    400: b"Bad Request",
    401: b"Unauthorized",
    402: b"Payment Required",
    403: b"Forbidden",
    404: b"Not Found",
    405: b"Method Not Allowed",
    406: b"Not Acceptable",
    407: b"Proxy Authentication Required",
    408: b"Request Timeout",
    409: b"Conflict",
    410: b"Gone",
    411: b"Length Required",
    412: b"Precondition Failed",
    413: b"Content Too Large",
    414: b"URI Too Long",
    415: b"Unsupported Media Type",
    416: b"Range Not Satisfiable",
    417: b"Expectation Failed",
    421: b"Misdirected Request",
    422: b"Unprocessable Content",
    423: b"Locked",
    424: b"Failed Dependency",
    425: b"Too Early",
    426: b"Upgrade Required",
    428: b"Precondition Required",
    429: b"Too Many Requests",
    431: b"Request Header Fields Too Large",
    451: b"Unavailable For Legal Reasons",
    500: b"Internal Server Error",
    501: b"Not Implemented",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
    504: b"Gateway Timeout",
    505: b"HTTP Version Not Supported",
    506: b"Variant Also Negotiates",
    507: b"Insufficient Storage",
    508: b"Loop Detected",
    510: b"Not Extended",
    511: b"Network Authentication Required",
}
"""
The phrase of each status in IANA's registry of HTTP status codes.
"""

_CLASSES = {4: b"Client Error", 5: b"Server Error"}
_TEMPLATES: dict[bytes, tuple[bytes, bytes]] = {
    TEXT: (b"text/plain; charset=utf-8", b"%(status)d %(reason)b\n"),
    HTML: (
        b"text/html; charset=utf-8",
        b'<!DOCTYPE html>\n<html lang="en">\n<title>%(status)d %(reason)b</title>\n'
        b"<h1>%(status)d %(reason)b</h1>\n</html>\n",
    ),
    JSON: (b"application/json", b'{"status": %(status)d, "reason": "%(reason)b"}\n'),
}


def refusal(status: int, accept: bytes | None) -> tuple[bytes, bytes]:
    """
    Give the content type and the body of an answer that the proxy makes itself.

    @param status: the status of the answer, 400 to 599; one that is not in
        IANA's registry is named by its class.
    @param accept: the combined value of the request's Accept field; it chooses
        between plain text, HTML and JSON, and plain text is the default.
    """
    kind = preferred(accept)
    prepared = _PREPARED.get((status, kind))
    return _prepare(status, kind) if prepared is None else prepared


def _prepare(status: int, kind: bytes) -> tuple[bytes, bytes]:
    reason = REASONS.get(status) or _CLASSES.get(status // 100, b"Unknown")
    content_type, template = _TEMPLATES[kind]
    return content_type, template % {b"status": status, b"reason": reason}


_PREPARED = {
    (status, kind): _prepare(status, kind) for status in REASONS if status >= 400 for kind in _TEMPLATES
}
