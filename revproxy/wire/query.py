"""
The parameters of a query, as HTML forms write them.
"""

from urllib.parse import unquote_to_bytes


def query_parameters(query: bytes | None) -> list[tuple[bytes, bytes]]:
    """
    @return: the names and values in order, percent-decoded once, with a space for a plus
        sign.  A name without an equals sign has an empty value.
    """
    pairs = (part.partition(b"=") for part in (query or b"").split(b"&") if part)
    return [(_decoded(name), _decoded(value)) for name, _, value in pairs]


def _decoded(part: bytes) -> bytes:
    return unquote_to_bytes(part.replace(b"+", b" "))
