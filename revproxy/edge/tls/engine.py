"""
Encrypting and decrypting in memory, by what pyOpenSSL offers.
"""

from __future__ import annotations

from OpenSSL import SSL

from revproxy.edge.tls.records import LARGEST, SEGMENT, RecordCounter

BURST = 8 * LARGEST
"""
Octets of plaintext to encrypt at once, at most.
"""

_MOST_OUTPUT = LARGEST + 2048


class WriteBlocked(Exception):
    """
    OpenSSL has to read something before it takes more.

    @ivar encrypted: what has been encrypted before.
    @ivar taken: how many octets of plaintext that is.
    """

    def __init__(self, encrypted: bytes, taken: int) -> None:
        super().__init__(taken)
        self.encrypted = encrypted
        self.taken = taken


class Engine:
    """
    One connection's encryption.

    @ivar stopped: why the last reading ended before all records that had come were read:
        L{SSL.WantReadError} if one of them was no application data, L{SSL.ZeroReturnError}
        at the notice of closing, or what is wrong.
    """

    __slots__ = ("_connection", "_records", "stopped")

    def __init__(self, connection: SSL.Connection) -> None:
        self.stopped: SSL.Error | None = None
        self._connection = connection
        self._records = RecordCounter()

    def shake_hands(self) -> bool:
        """
        Go on with the handshake by what has come.

        @return: whether it is done.
        @raise SSL.Error: it has failed.
        """
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            return False
        return True

    def feed(self, data: bytes) -> None:
        """
        Take what has come, for OpenSSL to read.
        """
        self._records.count(data)
        self._take(data)

    def decrypt(self, data: bytes) -> bytes:
        """
        Take what has come.

        Much is taken piece by piece, as OpenSSL keeps the room that it once needed.

        @return: the application data that it completes.
        """
        parts: list[bytes] = []
        for start in range(0, len(data), LARGEST):
            piece = data[start : start + LARGEST]
            self._take(piece)
            self._read_into(parts, self._records.count(piece))
            if self.stopped is not None and not isinstance(self.stopped, SSL.WantReadError):
                break
        return b"".join(parts)

    def drain(self) -> bytes:
        """
        @return: all application data that has come, which what was fed completes.
        """
        parts: list[bytes] = []
        while self.stopped is None:
            self._read_into(parts, 1)
        return b"".join(parts)

    def notify(self) -> bool:
        """
        Have the notice of closing ready.

        @return: whether the other side has sent its own.
        """
        try:
            return self._connection.shutdown()
        except SSL.Error:
            return False  # In the middle of a handshake there is nobody to tell.

    def encrypt(self, data: bytes) -> bytes:
        """
        @param data: at most L{LARGEST} octets, which become one record.
        @return: what is to be sent.
        @raise WriteBlocked: try again when something has come.
        @raise SSL.Error: the connection is broken.
        """
        return self._encrypted(data, 0)

    def encrypt_burst(self, data: bytes, short: int) -> bytes:
        """
        @param data: at most L{BURST} octets.
        @param short: how many of them to put into records of one segment.
        @return: what is to be sent.
        @raise WriteBlocked: try again with the rest when something has come.
        @raise SSL.Error: the connection is broken.
        """
        return self._encrypted(data, short)

    def output(self) -> bytes:
        """
        @return: what OpenSSL itself has to say to the other side.
        """
        parts = [self._output()]
        while len(parts[-1]) == _MOST_OUTPUT:
            parts.append(self._output())
        return b"".join(parts)

    def _encrypted(self, data: bytes, short: int) -> bytes:
        parts: list[bytes] = []
        at = 0
        while at < len(data):
            size = SEGMENT if at < short else LARGEST
            try:
                at += self._connection.send(data[at : at + size])
            except SSL.WantReadError:
                raise WriteBlocked(b"".join(parts), at) from None
            parts.append(self.output())
        return b"".join(parts)

    def _output(self) -> bytes:
        try:
            return self._connection.bio_read(_MOST_OUTPUT)
        except SSL.WantReadError:
            return b""

    def _take(self, data: bytes) -> None:
        self._connection.bio_write(data)

    def _read_into(self, parts: list[bytes], records: int) -> None:
        for _ in range(records):
            try:
                part = self._connection.recv(LARGEST)
            except SSL.Error as error:
                self.stopped = error.with_traceback(None)
                return
            parts.append(part)
