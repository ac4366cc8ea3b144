from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from twisted.trial.unittest import SynchronousTestCase

from revproxy.catalog import built_ins
from revproxy.config.context import Context
from revproxy.config.server_url import ServerAddress, ServerURL

ADAPTER: TypeAdapter[ServerURL] = TypeAdapter(ServerAddress)
CONTEXT = Context(built_ins(), Path("/etc/revproxy"))


def parse(value: object) -> ServerURL:
    return ADAPTER.validate_python(value, context=CONTEXT)


class ServerURLTests(SynchronousTestCase):
    def test_plain(self) -> None:
        """
        Host and port of a server that speaks plain HTTP; the default port is 80.
        """
        self.assertEqual(
            parse("http://127.0.0.1:8001"), ServerURL("http://127.0.0.1:8001", False, "127.0.0.1", 8001)
        )
        self.assertEqual(parse("HTTP://App.Internal/").port, 80)
        self.assertEqual(parse("HTTP://App.Internal/").host, "app.internal")

    def test_secure(self) -> None:
        """
        Of one that speaks TLS the default port is 443.
        """
        url = parse("https://app")
        self.assertEqual((url.secure, url.host, url.port), (True, "app", 443))

    def test_ipv6(self) -> None:
        """
        Brackets belong to the URL, not to the address.
        """
        url = parse("http://[2001:DB8::1]:81")
        self.assertEqual((url.host, url.port, url.authority), ("2001:db8::1", 81, b"[2001:db8::1]:81"))

    def test_unix_sockets(self) -> None:
        """
        UNIX sockets by an absolute path, or by one relative to the file, percent-decoded.
        """
        self.assertEqual(parse("http+unix:///run/app.sock").socket, Path("/run/app.sock"))
        self.assertEqual(parse("http+unix:app.sock").socket, Path("/etc/revproxy/app.sock"))
        self.assertEqual(parse("https+unix:///run/a%20b").socket, Path("/run/a b"))
        self.assertTrue(parse("https+unix:///run/a").secure)
        self.assertFalse(parse("http+unix:///run/a").secure)

    def test_authority(self) -> None:
        """
        The authority leaves a default port out; behind a UNIX socket it is localhost.
        """
        written = ["http://a:80", "http://a:443", "https://a:443", "https://a:80", "http+unix:///a"]
        self.assertEqual(
            [parse(text).authority for text in written], [b"a", b"a:443", b"a", b"a:80", b"localhost"]
        )

    def test_services(self) -> None:
        """
        A service has a name and no port; one server of it is spoken to by its own name.
        """
        url = parse("srv+https://_App._tcp.example.com")
        self.assertEqual(
            (url.service, url.secure, url.host, url.port), (True, True, "_app._tcp.example.com", 0)
        )
        self.assertFalse(parse("srv+http://_app._tcp.example.com/").secure)
        one = url.of_target("one.example.com", 8443)
        self.assertEqual((one.authority, one.text), (b"one.example.com:8443", url.text))
        self.assertEqual((one.secure, one.service), (True, False))

    def test_looked_up(self) -> None:
        """
        Names and services are looked up; addresses, sockets and this machine are not.
        """
        for text in ("http://app", "https://app.internal:8001", "srv+http://app.internal"):
            self.assertTrue(parse(text).looked_up, text)
        for text in ("http://127.0.0.1", "http://[::1]", "http+unix:///a", "http://localhost:81"):
            self.assertFalse(parse(text).looked_up, text)

    def test_local(self) -> None:
        """
        This machine is named by localhost and all below it.
        """
        self.assertTrue(parse("http://LocalHost").local)
        self.assertTrue(parse("http://app.localhost").local)
        for text in ("http://127.0.0.1", "http://notlocalhost", "http+unix:///a"):
            self.assertFalse(parse(text).local, text)

    def test_as_written(self) -> None:
        """
        As text it is what the file has.
        """
        self.assertEqual(str(parse("http://App:80/")), "http://App:80/")

    def test_refused(self) -> None:
        """
        Each refusal says what is wrong.
        """
        for value, said in {
            "127.0.0.1:8001": "must be a URL such as",
            "app": "must be a URL such as",
            "": "must be a URL such as",
            "http:app": "must be a URL such as http://127.0.0.1:8001",
            "ftp://app": "no scheme is called 'ftp'; there are: http, http+unix, https, https+unix,"
            " srv+http, srv+https",
            "http://": "has no usable host",
            "http://user@app": "has no usable host",
            "http://a b": "has no usable host",
            "http://app:99999": "has no usable host",
            "http://app:0": "0 is no port",
            "http://app/base": "ends with its port",
            "http://app?x": "ends with its port",
            "http://app/#x": "ends with its port",
            "http://bücher": "has no usable host",
            "srv+http:app": "must be a URL such as srv+http://",
            "srv+http://": "has no usable host",
            "srv+http://app:81": "leave it out here",
            "srv+http://10.0.0.1": "not of an address",
            "srv+http://[::1]": "not of an address",
            "srv+unix:///a": "no scheme is called",
            "http+unix://run/app.sock": "three slashes",
            "http+unix:": "three slashes",
            "http+unix:///a%00b": "must be the path of a file",
        }.items():
            refusal = self.assertRaises(ValidationError, parse, value)
            self.assertSubstring(said, str(refusal))

    def test_no_text(self) -> None:
        """
        What is no text is refused.
        """
        for value in [8001, None, ["http://a"], {"a": 1}]:
            self.assertRaises(ValidationError, parse, value)
