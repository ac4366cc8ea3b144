"""
nginx with TLS as the origin.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.certificates import Authority, Pair
from tests.live.nginx import Nginx
from tests.live.programs import Answer, get, new_directory
from tests.live.proxy import Proxy, relaying


class UpstreamTLSTests(SynchronousTestCase):
    """
    Servers are believed when their certificate is right.
    """

    @override
    def setUp(self) -> None:
        self.authority = Authority(new_directory(self))

    def origin(self, name: str, more: str = "") -> str:
        """
        Start nginx with a certificate for a name.

        @return: its URL.
        """
        pair = self.authority.issue([name])
        files = f"ssl_certificate {pair.certificate}; ssl_certificate_key {pair.key};"
        says = 'return 200 "$ssl_server_name|$ssl_client_s_dn";'
        return Nginx(self, f"{files} {more} {says}", secure=True).url

    def ask(self, url: str, **tls: Any) -> Answer:
        """
        One request through a proxy with these options.
        """
        proxy = Proxy(self, relaying(url, tls=tls))
        self.proxy = proxy
        return get(proxy.port())

    @property
    def trusting(self) -> dict[str, str]:
        return {"ca": str(self.authority.certificate)}

    def test_right_address(self) -> None:
        """
        A certificate for the address that the file names, of an authority that it trusts.
        """
        self.assertEqual(self.ask(self.origin("127.0.0.1"), **self.trusting), (200, b"|"))

    def test_right_name(self) -> None:
        """
        A certificate for the name that the file asks for.
        """
        answer = self.ask(self.origin("app.test"), server_name="app.test", **self.trusting)
        self.assertEqual(answer, (200, b"app.test|"))

    def test_wrong_name(self) -> None:
        """
        A certificate for another name: 502, and the log says why.
        """
        self.assertEqual(self.ask(self.origin("other.test"), **self.trusting).status, 502)
        self.assertIn("the certificate of 127.0.0.1 is for other names only", self.proxy.program.output())

    def test_unknown_authority(self) -> None:
        """
        A certificate of nobody whom the system trusts: 502.
        """
        answer = self.ask(self.origin("127.0.0.1"))
        self.assertEqual(answer.status, 502)
        self.assertNotIn(b"certificate", answer.body)
        self.assertIn("is not trusted", self.proxy.program.output())

    def test_unverified(self) -> None:
        """
        C{verify: false} takes anybody.
        """
        self.assertEqual(self.ask(self.origin("other.test"), verify=False), (200, b"|"))

    def test_client_certificate(self) -> None:
        """
        A server that wants to know who asks is told.
        """
        asks = f"ssl_verify_client on; ssl_client_certificate {self.authority.certificate};"
        url = self.origin("127.0.0.1", asks)
        own = self.files(self.authority.issue(["proxy.test"], client=True))
        answer = self.ask(url, client_certificate=own, **self.trusting)
        self.assertEqual(answer, (200, b"|CN=proxy.test"))
        self.assertEqual(self.ask(url, **self.trusting).status, 400)

    def files(self, pair: Pair) -> dict[str, str]:
        """
        A certificate as the file names it.
        """
        return {"certificate": str(pair.certificate), "key": str(pair.key)}

    def test_no_tls_at_all(self) -> None:
        """
        A server that does not speak TLS: 502.
        """
        plain = Nginx(self)
        Path(plain.root, "index.html").write_text("hello")
        self.assertEqual(self.ask(plain.url.replace("http:", "https:"), verify=False).status, 502)
