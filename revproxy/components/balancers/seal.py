"""
Short texts that clients keep for us, and can neither read nor make.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12
TAG: Final = 16
CONTENT: Final = 17
"""
How many octets are sealed: with nonce and tag they make 60 characters of Base64 without
any that only fill up.
"""

LENGTH: Final = (NONCE + CONTENT + TAG) * 4 // 3
"""
How many characters a sealed text has.
"""


class Seal:
    """
    Seals texts by AES-GCM with a random nonce: two that hold the same look unrelated.

    By 2^32 texts of a key there is a chance of 2^-33 that two had the same nonce.
    """

    def __init__(self, secret: bytes, purpose: bytes, nonces: Callable[[int], bytes] = os.urandom) -> None:
        """
        @param secret: a text of another secret or another purpose is none of ours.
        @param nonces: gives so many octets that nobody can foretell.
        """
        key = blake2b(secret, digest_size=32, person=b"revproxy seal").digest()
        self._cipher = AESGCM(key)
        self._purpose = purpose
        self._nonces = nonces

    def seal(self, content: bytes) -> bytes:
        """
        @param content: L{CONTENT} octets.
        @return: letters, digits, - and _.
        """
        nonce = self._nonces(NONCE)
        return urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, content, self._purpose))

    def open(self, text: bytes) -> bytes | None:
        """
        @return: what was sealed; C{None} where the text is none of ours.
        """
        if len(text) != LENGTH:
            return None
        try:
            octets = urlsafe_b64decode(text)
            return self._cipher.decrypt(octets[:NONCE], octets[NONCE:], self._purpose)
        except (NoBase64, InvalidTag, ValueError):
            return None
