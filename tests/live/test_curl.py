"""
curl as the client.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.certificates import Authority
from tests.live.curl import Curled, curl
from tests.live.origin import Mirror, start_origin
from tests.live.programs import new_directory
from tests.live.proxy import Document, Proxy, relaying, relaying_over_tls


class Refusing(Mirror):
    """
    Wants no body: answers before one is sent.
    """

    @override
    def handle_expect_100(self) -> bool:
        self.close_connection = True
        self.answer(b"I know enough")
        return False


class PlainTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.directory = new_directory(self)
        self.start()

    def start(self, handler: type[Mirror] = Mirror) -> None:
        self.proxy = Proxy(self, relaying(start_origin(self, handler)))
        self.url = f"http://127.0.0.1:{self.proxy.port()}"

    def seen(self, curled: Curled) -> dict[str, Any]:
        """
        What the origin saw.
        """
        self.assertEqual((curled.status, curled.code), (0, 200), curled.trace)
        seen: dict[str, Any] = json.loads(curled.output)
        return seen

    def test_get(self) -> None:
        """
        A request arrives as it was sent.
        """
        curled = curl(f"{self.url}/a/b?c=d", "--header", "X-Mine: yes")
        seen = self.seen(curled)
        self.assertEqual((seen["method"], seen["target"]), ("GET", "/a/b?c=d"))
        self.assertEqual(seen["fields"]["x-mine"], "yes")
        self.assertEqual(seen["fields"]["host"], self.url.removeprefix("http://"))
        self.assertEqual(seen["fields"]["x-forwarded-for"], "127.0.0.1")

    def test_old_version(self) -> None:
        """
        A client of HTTP/1.0 is answered and its connection closed, unless it asks to keep it.
        """
        curled = curl("--http1.0", self.url, self.url)
        self.assertEqual((curled.status, curled.told["num_connects"]), (0, 1))
        self.assertIn("Closing connection", curled.trace)
        kept = curl("--http1.0", "--header", "Connection: keep-alive", self.url, self.url)
        self.assertIn("Re-using existing connection", kept.trace)

    def test_head(self) -> None:
        """
        Pitfall 12: HEAD has the fields of GET and no body, and the connection is used again.
        """
        curled = curl("--head", self.url, self.url)
        self.assertEqual(curled.status, 0, curled.trace)
        self.assertIn("Re-using existing connection", curled.trace)

    def test_connection_is_kept(self) -> None:
        """
        Many requests take one connection.
        """
        curled = curl(f"{self.url}/[1-20]")
        self.assertEqual(curled.status, 0, curled.trace)
        self.assertEqual(curled.trace.count("Re-using existing connection"), 19)

    def test_upload_after_continue(self) -> None:
        """
        Pitfall 11: with C{Expect: 100-continue} the body is sent after the 100, and no later.
        """
        path = self.directory / "upload"
        path.write_bytes(bytes(range(256)) * 4096)
        expecting = ("--header", "Expect: 100-continue", "--expect100-timeout", "60")
        curled = curl("--upload-file", path, *expecting, f"{self.url}/upload")
        seen = self.seen(curled)
        self.assertIn("< HTTP/1.1 100 Continue", curled.trace)
        self.assertEqual(seen["digest"], sha256(path.read_bytes()).hexdigest())
        self.assertLess(curled.told["time_total"], 30)

    def test_upload_not_wanted(self) -> None:
        """
        Pitfall 11: an answer instead of the 100 keeps the body back.
        """
        self.start(Refusing)
        path = self.directory / "upload"
        path.write_bytes(bytes(1_000_000))
        expecting = ("--header", "Expect: 100-continue", "--expect100-timeout", "60")
        curled = curl("--upload-file", path, *expecting, self.url)
        self.assertEqual((curled.status, curled.code), (0, 200), curled.trace)
        self.assertEqual((curled.output, curled.told["size_upload"]), (b"I know enough", 0))

    def test_form(self) -> None:
        """
        A form with a file arrives in one piece.
        """
        path = self.directory / "photo"
        path.write_bytes(b"\x00\xff" * 100_000)
        seen = self.seen(curl("--form", f"photo=@{path}", "--form", "name=value", self.url))
        self.assertEqual(seen["method"], "POST")
        self.assertTrue(seen["fields"]["content-type"].startswith("multipart/form-data; boundary="))
        self.assertGreater(seen["size"], 200_000)

    def test_no_answer_leaks_the_origin(self) -> None:
        """
        An origin that is not there is no business of the client's.
        """
        proxy = Proxy(self, relaying("http://127.0.0.1:1"))
        curled = curl("--header", "Accept: application/json", f"http://127.0.0.1:{proxy.port()}/")
        self.assertEqual(curled.code, 502)
        self.assertNotIn(b"127.0.0.1", curled.output)
        self.assertEqual(curled.told["content_type"], "application/json")


class TLSTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.directory = new_directory(self)
        self.authority = Authority(self.directory)

    def start(self, **asked: str) -> None:
        """
        @param asked: options of C{client_certificates}.
        """
        tls: Document = {}
        if asked:
            authority = str(self.authority.certificate)
            tls["client_certificates"] = {"ca": authority, "header": "X-Client-Subject", **asked}
        pairs = [self.authority.issue([name]) for name in ("a.test", "b.test")]
        tls["certificates"] = [{"certificate": str(pair.certificate), "key": str(pair.key)} for pair in pairs]
        self.proxy = Proxy(self, relaying_over_tls(tls, start_origin(self, Mirror)))

    def ask(self, name: str, *arguments: str) -> Curled:
        """
        One request to a name that leads to the proxy.
        """
        port = self.proxy.port("secure")
        trusting = ("--cacert", str(self.authority.certificate), "--resolve", f"{name}:{port}:127.0.0.1")
        return curl(*trusting, *arguments, f"https://{name}:{port}/")

    def as_client(self) -> tuple[str, ...]:
        """
        What curl shows a certificate with.
        """
        pair = self.authority.issue(["client"], client=True)
        return ("--cert", str(pair.certificate), "--key", str(pair.key))

    def test_names(self) -> None:
        """
        Each name has its certificate, and no other name has one.
        """
        self.start()
        for name in ("a.test", "b.test"):
            curled = self.ask(name)
            self.assertEqual((curled.status, curled.told["ssl_verify_result"]), (0, 0), curled.trace)
            self.assertIn(f"subject: CN={name}", curled.trace)
            self.assertEqual(json.loads(curled.output)["fields"]["x-forwarded-proto"], "https")
        self.assertEqual(self.ask("c.test").status, 60)

    def test_versions(self) -> None:
        """
        TLS 1.2 and 1.3 are spoken, nothing older.
        """
        self.start()
        self.assertIn("TLSv1.2", self.ask("a.test", "--tls-max", "1.2").trace)
        self.assertIn("TLSv1.3", self.ask("a.test", "--tlsv1.3").trace)
        self.assertEqual(self.ask("a.test", "--tlsv1.0", "--tls-max", "1.1").status, 35)

    def test_client_certificate(self) -> None:
        """
        Who shows no certificate is kept out; of who does the origin hears, and nobody
        can say so of himself.
        """
        self.start(mode="required")
        self.assertNotEqual(self.ask("a.test").status, 0)
        forged = ("--header", "X-Client-Subject: CN=root")
        fields = json.loads(self.ask("a.test", *self.as_client(), *forged).output)["fields"]
        self.assertEqual(fields["x-client-subject"], "CN=client")

    def test_strange_certificate(self) -> None:
        """
        A certificate of another authority is none.
        """
        self.start(mode="required")
        self.authority = Authority(self.directory, "Somebody else")
        self.assertNotEqual(self.ask("a.test", *self.as_client(), "--insecure").status, 0)

    def test_optional_client_certificate(self) -> None:
        """
        Where certificates are optional, who shows none has no subject, whatever it says.
        """
        self.start(mode="optional")
        curled = self.ask("a.test", "--header", "X-Client-Subject: CN=root")
        self.assertEqual(curled.code, 200, curled.trace)
        self.assertNotIn("x-client-subject", json.loads(curled.output)["fields"])

    def test_misdirected(self) -> None:
        """
        Where clients show certificates, a session for one name asks for no other.
        """
        self.start(mode="required")
        curled = self.ask("a.test", *self.as_client(), "--header", "Host: b.test")
        self.assertEqual((curled.status, curled.code), (0, 421), curled.trace)
        self.assertEqual(self.ask("a.test", *self.as_client(), "--header", "Host: a.test").code, 200)
