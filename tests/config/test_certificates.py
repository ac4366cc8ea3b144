from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from hypothesis import given
from hypothesis.strategies import booleans, dictionaries, integers, lists, none, recursive, sampled_from, text
from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from revproxy.catalog import built_ins
from revproxy.config.certificates import CertificateFiles, certificate_files
from revproxy.config.context import Context
from revproxy.config.positions import Path
from tests.config.files import FileTestCase

KEYS = sampled_from(
    [
        "listeners",
        "upstreams",
        "web",
        "tls",
        "certificates",
        "client_certificate",
        "client_certificates",
        "ca",
    ]
)
NOWHERE = FilePath("/nowhere")
PAIR = {"certificate": "a.pem", "key": "a.key"}


class CertificateFilesTests(FileTestCase):
    @override
    def setUp(self) -> None:
        super().setUp()
        self.context = Context(self.registry, self.directory)
        for name in ("a.pem", "a.key", "b.pem", "b.key", "ca.pem"):
            self.directory.joinpath(name).write_text("not looked into here")

    def found(self, **data: object) -> CertificateFiles:
        return certificate_files(data, self.context)

    def pairs(self, **data: object) -> dict[Path, tuple[str, str]]:
        """
        The names of the files that were found, by the mapping that names both.
        """
        return {
            path: (pair.certificate.name, pair.key.name) for path, pair in self.found(**data).pairs.items()
        }

    def test_listeners(self) -> None:
        """
        Every pair of a listener is found, where it is named.
        """
        certificates = [PAIR, {"certificate": "b.pem", "key": "b.key"}]
        self.assertEqual(
            self.pairs(listeners={"web": {"tls": {"certificates": certificates}}, "plain": {}}),
            {
                ("listeners", "web", "tls", "certificates", 0): ("a.pem", "a.key"),
                ("listeners", "web", "tls", "certificates", 1): ("b.pem", "b.key"),
            },
        )

    def test_upstreams(self) -> None:
        """
        So is what an upstream's servers are shown.
        """
        self.assertEqual(
            self.pairs(upstreams={"app": {"tls": {"client_certificate": PAIR}}, "plain": {"tls": None}}),
            {("upstreams", "app", "tls", "client_certificate"): ("a.pem", "a.key")},
        )

    def test_authorities(self) -> None:
        """
        Those who sign are found on both sides.
        """
        found = self.found(
            listeners={"web": {"tls": {"client_certificates": {"ca": "ca.pem"}}}},
            upstreams={"app": {"tls": {"ca": "b.pem"}}},
        )
        self.assertEqual(
            found.authorities,
            {
                ("listeners", "web", "tls", "client_certificates", "ca"): self.directory / "ca.pem",
                ("upstreams", "app", "tls", "ca"): self.directory / "b.pem",
            },
        )
        self.assertEqual(found.pairs, {})

    def test_all_else_may_be_wrong(self) -> None:
        """
        Files are found whatever else their listener says.
        """
        tls: dict[str, Any] = {"certificates": [5, PAIR], "ciphers": 7, "nonsense": None}
        self.assertEqual(
            list(self.pairs(listeners={"web": {"endpoint": [], "tls": tls}})),
            [("listeners", "web", "tls", "certificates", 1)],
        )

    def test_what_cannot_be_read(self) -> None:
        """
        Files that the settings complain of are left out.
        """
        for pair in ({**PAIR, "key": "missing.key"}, {"certificate": "a.pem"}, {**PAIR, "chain": "b.pem"}):
            self.assertEqual(self.pairs(listeners={"web": {"tls": {"certificates": [pair]}}}), {})
        found = self.found(upstreams={"a": {"tls": {"ca": "missing.pem"}}, "b": {"tls": {"ca": 5}}})
        self.assertEqual(found, ({}, {}))


class AnythingTests(SynchronousTestCase):
    @given(
        recursive(
            none() | booleans() | integers() | text() | KEYS,
            lambda inner: lists(inner, max_size=3) | dictionaries(KEYS, inner, max_size=4),
        )
    )
    def test_anything(self, data: object) -> None:
        """
        Whatever a file says can be looked through.
        """
        found = certificate_files(data, Context(built_ins(), NOWHERE))
        self.assertEqual(found, ({}, {}))
