"""
Who the peer of a TLS connection is.
"""

from __future__ import annotations

import re

from OpenSSL import SSL

_UNSAFE = re.compile(rb"[^\x20-\x7e]")


def client_subject(connection: SSL.Connection) -> bytes | None:
    """
    The subject of the certificate that the client showed (RFC 4514), safe as the
    value of a header field: what is not printable ASCII is escaped as C{\\XX}.

    A connection whose handshake is done has no certificate but a verified one.

    @return: L{None} if the client showed none.
    """
    certificate = connection.get_peer_certificate(as_cryptography=True)
    if certificate is None:
        return None
    subject = certificate.subject.rfc4514_string().encode("utf-8")
    escaped = _UNSAFE.sub(lambda match: b"\\%02X" % ord(match[0]), subject)
    # A space at the very end would be taken for white space around the field's value.
    return escaped[:-1] + b"20" if escaped.endswith(b"\\ ") else escaped
