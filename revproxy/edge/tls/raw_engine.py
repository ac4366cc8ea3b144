"""
Encrypting and decrypting by OpenSSL's own functions, as pyOpenSSL has them inside.

What pyOpenSSL does around each call costs more than the call: of a request and its
answer, 1 KB in all, 5.2 microseconds are 1.7 so.  Nothing but this module goes below
pyOpenSSL's public face; where something that it needs is not there, L{Engine} serves.
"""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL
from typing_extensions import override

from revproxy.edge.tls.engine import BURST, Engine, WriteBlocked
from revproxy.edge.tls.records import HEADER, LARGEST, SEGMENT

_ROOM = BURST + 16384
"""
As much as a burst becomes, unless the other side wants very short records: then more than
half as many octets again may come to it.
"""

_lib: Any = getattr(SSL, "_lib", None)
_ffi: Any = getattr(SSL, "_ffi", None)
_FUNCTIONS = (
    "BIO_read",
    "BIO_write",
    "SSL_do_handshake",
    "SSL_get_error",
    "SSL_read",
    "SSL_shutdown",
    "SSL_write",
)
_NUMBERS = ("SSL_ERROR_WANT_READ", "SSL_ERROR_ZERO_RETURN")

AVAILABLE = (
    _ffi is not None
    and all(hasattr(_lib, name) for name in (*_FUNCTIONS, *_NUMBERS))
    and hasattr(SSL.Connection, "_raise_ssl_error")
)
"""
Whether pyOpenSSL has inside what is needed here.
"""


def engine_for(connection: SSL.Connection) -> Engine:
    """
    Choose the fastest engine that a connection can do with.
    """
    if AVAILABLE:
        try:
            return RawEngine(connection)
        except AttributeError:  # It is none of pyOpenSSL's, or not as they are today.
            pass
    return Engine(connection)


if AVAILABLE:
    _bio_read, _bio_write, _do_handshake, _get_error, _ssl_read, _shutdown, _ssl_write = (
        getattr(_lib, name) for name in _FUNCTIONS
    )
    _want_read, _zero_return = (getattr(_lib, name) for name in _NUMBERS)
    # All connections share it, as none leaves anything in it.  OpenSSL writes there without the
    # interpreter's lock, so this is for the reactor's thread alone, as all protocols are.
    _room = _ffi.new_allocator(should_clear_after_alloc=False)("char[]", _ROOM)
    _octets = _ffi.buffer(_room, _ROOM)

_WANT_READ = SSL.WantReadError()  # one for all, as it is never raised


class RawEngine(Engine):
    """
    One connection's encryption, without detours.
    """

    __slots__ = ("_incoming", "_outgoing", "_ssl")

    def __init__(self, connection: SSL.Connection) -> None:
        super().__init__(connection)
        inside: Any = connection
        self._ssl = inside._ssl
        self._incoming = inside._into_ssl
        self._outgoing = inside._from_ssl

    @override
    def shake_hands(self) -> bool:
        result = _do_handshake(self._ssl)
        if result == 1:
            return True
        error = self._error(result)
        if isinstance(error, SSL.WantReadError):
            return False
        raise error

    @override
    def notify(self) -> bool:
        result: int = _shutdown(self._ssl)
        if result < 0:
            self._error(result)
        return result > 0

    @override
    def decrypt(self, data: bytes) -> bytes:
        length = len(data)
        records = self._records
        if not (records.between and length > HEADER and length == HEADER + (data[3] << 8 | data[4])):
            return super().decrypt(data)
        _bio_write(self._incoming, data, length)
        size = _ssl_read(self._ssl, _room, LARGEST)
        if size > 0:
            octets: bytes = _octets[:size]
            return octets
        self.stopped = self._error(size)
        return b""

    @override
    def encrypt(self, data: bytes) -> bytes:
        length = len(data)
        taken = _ssl_write(self._ssl, data, length)
        if taken != length or not length:
            return self._rest_encrypted(data, 0, max(0, taken))
        octets: bytes = _octets[: _bio_read(self._outgoing, _room, _ROOM)]
        return octets

    @override
    def _encrypted(self, data: bytes, short: int) -> bytes:
        return self._rest_encrypted(data, short, 0)

    def _rest_encrypted(self, data: bytes, short: int, at: int) -> bytes:
        """
        @param at: how many octets have been encrypted, but not been read: where the other
            side wants shorter records than ours, not all that was to go into one.
        """
        source = _ffi.from_buffer(data)
        length = len(data)
        end = 0
        while at < length:
            taken = _ssl_write(self._ssl, source + at, min(SEGMENT if at < short else LARGEST, length - at))
            if taken <= 0:
                raise self._refusal(taken, _octets[:end], at)
            at += taken
            end += _bio_read(self._outgoing, _room + end, _ROOM - end)
        octets: bytes = _octets[:end]
        return octets if end < _ROOM else octets + self.output()

    @override
    def output(self) -> bytes:
        size = _bio_read(self._outgoing, _room, _ROOM)
        if size <= 0:
            return b""
        octets: bytes = _octets[:size]
        return octets if size < _ROOM else octets + self.output()

    @override
    def _take(self, data: bytes) -> None:
        _bio_write(self._incoming, data, len(data))

    @override
    def _read_into(self, parts: list[bytes], records: int) -> None:
        for _ in range(records):
            size = _ssl_read(self._ssl, _room, LARGEST)
            if size <= 0:
                self.stopped = self._error(size)
                return
            parts.append(_octets[:size])

    def _refusal(self, result: int, encrypted: bytes, taken: int) -> Exception:
        error = self._error(result)
        return WriteBlocked(encrypted, taken) if isinstance(error, SSL.WantReadError) else error

    def _error(self, result: int) -> SSL.Error:
        """
        @param result: of a call that did nothing.
        @return: what pyOpenSSL would raise.
        """
        kind = _get_error(self._ssl, result)
        if kind == _want_read:
            return _WANT_READ
        if kind == _zero_return:
            return SSL.ZeroReturnError()
        inside: Any = self._connection
        try:
            inside._raise_ssl_error(self._ssl, result)
        except SSL.Error as error:
            return error.with_traceback(None)
        return SSL.Error([])
