"""
Tests for L{revproxy.edge.tls.store}.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from twisted.trial.unittest import SynchronousTestCase

from revproxy.edge.tls.certificates import CertificatePair
from revproxy.edge.tls.store import CertificateStore

KEY = ec.generate_private_key(ec.SECP256R1())


def pair(*names: str, kind: str = "ecdsa") -> CertificatePair:
    """
    A pair that is nothing but its names and kind.
    """
    return CertificatePair(Path("unused"), (), KEY, names, kind)


class CertificateStoreTests(SynchronousTestCase):
    """
    Tests for L{CertificateStore}.
    """

    def setUp(self) -> None:
        self.first = pair("first.test")
        self.exact = pair("www.example.com", "example.com")
        self.wildcard = pair("*.example.com")
        self.store = CertificateStore([self.first, self.wildcard, self.exact])

    def test_exact(self) -> None:
        """
        The name itself is preferred to a wildcard that stands before it.
        """
        self.assertEqual(self.store.choose(b"www.example.com"), (self.exact,))

    def test_wildcard(self) -> None:
        """
        A wildcard is for every name with one label in its place.
        """
        self.assertEqual(self.store.choose(b"api.example.com"), (self.wildcard,))

    def test_wildcard_one_label(self) -> None:
        """
        A wildcard is neither for two labels nor for none.
        """
        self.assertEqual(self.store.choose(b"a.b.example.com"), (self.first,))
        self.assertEqual(CertificateStore([self.first, self.wildcard]).choose(b"example.com"), (self.first,))

    def test_case(self) -> None:
        """
        Names have no case.
        """
        self.assertEqual(self.store.choose(b"WWW.Example.com"), (self.exact,))

    def test_default(self) -> None:
        """
        Without a name, with an unknown one and with nonsense, the first is chosen.
        """
        for name in (None, b"unknown.test", b"", b".", b"\xff\x00", b"localhost"):
            self.assertEqual(self.store.choose(name), (self.first,))

    def test_default_without_names(self) -> None:
        """
        The first may be for an IP address only.
        """
        nameless = pair()
        store = CertificateStore([nameless, self.exact])
        self.assertEqual(store.choose(None), (nameless,))
        self.assertEqual(store.choose(b"example.com"), (self.exact,))

    def test_kinds(self) -> None:
        """
        For one name certificates of different kinds stand side by side.
        """
        rsa = pair("first.test", kind="rsa")
        store = CertificateStore([self.first, self.exact, rsa])
        self.assertEqual(store.choose(b"first.test"), (self.first, rsa))
        self.assertEqual(store.choose(None), (self.first, rsa))
        self.assertEqual(store.choose(b"example.com"), (self.exact,))

    def test_kind_from_wildcard(self) -> None:
        """
        The kind that a name's own certificate is not comes from the wildcard.
        """
        rsa = pair("*.example.com", kind="rsa")
        store = CertificateStore([self.first, self.exact, self.wildcard, rsa])
        self.assertEqual(store.choose(b"www.example.com"), (self.exact, rsa))
        self.assertEqual(store.choose(b"api.example.com"), (self.wildcard, rsa))
        self.assertEqual(store.choose(b"example.com"), (self.exact,))

    def test_same_kind_twice(self) -> None:
        """
        Of two of one kind for one name, the first given is chosen.
        """
        store = CertificateStore([self.first, self.exact, pair("example.com")])
        self.assertEqual(store.choose(b"example.com"), (self.exact,))

    def test_groups(self) -> None:
        """
        The groups are all that can be chosen, each once.
        """
        self.assertEqual(self.store.groups(), {(self.first,), (self.exact,), (self.wildcard,)})
