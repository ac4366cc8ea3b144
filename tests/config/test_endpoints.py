from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from revproxy.config.endpoints import endpoint_prefixes, parse_endpoint


class ParseTests(SynchronousTestCase):
    def refusal(self, value: object) -> str:
        return str(self.assertRaises(ValueError, parse_endpoint, value))

    def test_accepted(self) -> None:
        """
        Whatever Twisted can listen on is accepted as it is.
        """
        for endpoint in [
            "tcp:8080",
            "tcp:0",
            "tcp:port=8080:interface=127.0.0.1:backlog=100",
            "tcp:8080:interface=\\:\\:1",
            "tcp6:8080",
            "unix:/run/web.sock:mode=660",
            "haproxy:tcp:8080",
        ]:
            self.assertEqual(parse_endpoint(endpoint), endpoint)

    def test_systemd(self) -> None:
        """
        A socket that is handed over only when the proxy is started is no error.
        """
        self.assertEqual(parse_endpoint("systemd:domain=INET:name=web"), "systemd:domain=INET:name=web")
        self.assertSubstring("index or name", self.refusal("systemd:domain=INET"))

    def test_unknown_kind(self) -> None:
        """
        The kinds that this Twisted knows are listed.
        """
        said = self.refusal("tpc:8080")
        self.assertSubstring("no kind of endpoint is called 'tpc'", said)
        self.assertSubstring("haproxy, ", said)
        self.assertSubstring("(did you mean 'tcp'?)", said)

    def test_prefixes(self) -> None:
        """
        Built-in kinds and those of plug-ins are known.
        """
        self.assertLessEqual({"tcp", "unix", "tcp6", "systemd", "haproxy"}, set(endpoint_prefixes()))
        self.assertNotIn("ssl", endpoint_prefixes())

    def test_no_kind(self) -> None:
        """
        A port alone, as text or number, is told what an endpoint looks like.
        """
        for value in ["8080", "", 8080, None, ["tcp:8080"]]:
            self.assertSubstring("must be an endpoint such as tcp:8080", self.refusal(value))

    def test_ssl(self) -> None:
        """
        TLS is for the listener to speak, which else would take connections for plain ones.
        """
        for value in ["ssl:8443:privateKey=a.pem", "ssl:8443", "haproxy:ssl:8443:privateKey=a.pem"]:
            self.assertSubstring("write tcp:... with tls: beside it", self.refusal(value))

    def test_bad_arguments(self) -> None:
        """
        What the endpoint's own parser refuses is refused.
        """
        for value in ["tcp:", "tcp:http", "tcp:80:mode=660", "unix:/run/web.sock:mode=rw"]:
            self.assertSubstring("is no endpoint that can be listened on", self.refusal(value))

    def test_bad_arguments_in_words(self) -> None:
        """
        What Python says of a call is told as what is wrong with the endpoint.
        """
        for value, words in (
            ("tcp:80:iface=1", "unknown option 'iface'"),
            ("tcp:abc", "'abc' is no number"),
            ("unix:/run/web.sock:mode=rw", "'rw' is no number"),
            ("tcp:1:2:3:4:5", "too many values without a name"),
            ("tcp:1:port=2", "'port' is given twice"),
            ("tcp:interface=127.0.0.1", "'port' is missing"),
        ):
            self.assertEqual(self.refusal(value), f"is no endpoint that can be listened on: {words}")

    def test_ports(self) -> None:
        """
        A port that no machine has is refused, whatever is around it.
        """
        for value in ["tcp:65536", "tcp:-1", "tcp6:99999:interface=\\:\\:1", "haproxy:tcp:port=70000"]:
            self.assertSubstring("is no port from 0 to 65535", self.refusal(value))
