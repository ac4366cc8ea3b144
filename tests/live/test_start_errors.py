"""
What keeps the proxy from starting, as the operator sees it.
"""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from twisted.trial.unittest import SynchronousTestCase
from typing_extensions import override

from tests.certificates import Authority, Pair
from tests.live.programs import BIN, new_directory
from tests.live.proxy import Document, local, relaying

TEN_ERRORS = """\
listeners:
  web: {endpoint: "unix:bound.sock", tlss: {}}
  other: {endpoint: "tpc:8080"}
upstreams:
  app:
    servers: ["ftp://127.0.0.1:8001", {url: "http://127.0.0.1:8002", weight: 0}]
    balancer: round-robbin
    timeouts: {connect: soon}
  empty: {servers: []}
routes:
  - {upstream: nobody, path: no-slash}
  - {upstream: app, methods: [get, 7]}
limits: {head: 32 potatoes}
"""


class Refusal(NamedTuple):
    """
    How the proxy ended that did not start.
    """

    status: int
    errors: list[str]


class StartErrorTests(SynchronousTestCase):
    @override
    def setUp(self) -> None:
        self.directory = new_directory(self)
        self.file = self.directory / "revproxy.yaml"
        self.authority = Authority(self.directory)

    def start(self, document: Document | str) -> Refusal:
        """
        Run C{twistd revproxy} to its end, which is soon.
        """
        self.file.write_text(document if isinstance(document, str) else json.dumps(document))
        return self.start_as_it_is()

    def start_as_it_is(self) -> Refusal:
        return self.twistd("--config", "revproxy.yaml")

    def twistd(self, *options: str) -> Refusal:
        command = [BIN / "twistd", "--nodaemon", "--pidfile=", "revproxy", *options]
        done = subprocess.run(
            tuple(map(str, command)),
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        self.assertNotIn("Traceback", done.stdout + done.stderr)
        return Refusal(done.returncode, done.stderr.splitlines())

    def listening_first(self) -> Document:
        """
        A configuration whose first listener leaves a trace as soon as it is bound.
        """
        document = relaying("http://127.0.0.1:1")
        document["listeners"] = {"first": {"endpoint": "unix:bound.sock"}, **document["listeners"]}
        return document

    def secure(self, certificate: Path, key: Path) -> Document:
        document = self.listening_first()
        files = {"certificate": str(certificate), "key": str(key)}
        document["listeners"]["web"]["tls"] = {"certificates": [files]}
        return document

    def assert_refused(self, refusal: Refusal, *words: str) -> None:
        """
        One line on standard error that has these words, status 1, and nothing bound.
        """
        self.assertEqual((refusal.status, len(refusal.errors)), (1, 1), refusal)
        for word in words:
            self.assertIn(word, refusal.errors[0])
        self.assertFalse(self.directory.joinpath("bound.sock").exists())

    def pair(self, **options: Any) -> Pair:
        return self.authority.issue(["a.test"], **options)

    def test_port_in_use(self) -> None:
        """
        Which listener wants which port, and that it is taken.
        """
        with socket.create_server(("127.0.0.1", 0)) as taken:
            document = relaying("http://127.0.0.1:1")
            endpoint = local(taken.getsockname()[1])
            document["listeners"]["web"]["endpoint"] = endpoint
            refusal = self.start(document)
        self.assert_refused(refusal, "listeners.web.endpoint", endpoint, "Address already in use")

    def test_no_such_file(self) -> None:
        """
        The file that is not there.
        """
        self.assert_refused(self.start_as_it_is(), "revproxy.yaml", "No such file")

    def test_unreadable_file(self) -> None:
        """
        What is there and no file.
        """
        self.file.mkdir()
        self.assert_refused(self.start_as_it_is(), "revproxy.yaml", "directory")

    def test_not_yaml(self) -> None:
        """
        Where the file ceases to be YAML.
        """
        self.assert_refused(self.start("listeners: {web: [}\n"), "revproxy.yaml:1:19: ")

    def test_missing_key(self) -> None:
        """
        A key file that is not there.
        """
        pair = self.pair()
        missing = self.directory / "missing.key"
        self.assert_refused(self.start(self.secure(pair.certificate, missing)), "missing.key", "No such file")

    def test_mismatched_key(self) -> None:
        """
        The key of another certificate.
        """
        mismatched = self.secure(self.pair().certificate, self.pair().key)
        self.assert_refused(self.start(mismatched), ".key", "does not belong to the certificate")

    def test_expired(self) -> None:
        """
        A certificate of the past.
        """
        pair = self.pair(since=-9, days=-1)
        self.assert_refused(self.start(self.secure(*pair)), pair.certificate.name, "expired")

    def test_truncated(self) -> None:
        """
        Half a certificate.
        """
        pair = self.pair()
        pair.certificate.write_bytes(pair.certificate.read_bytes()[:300])
        self.assert_refused(self.start(self.secure(*pair)), pair.certificate.name, "cut short")

    def test_unwritable_log(self) -> None:
        """
        An access log that cannot be.
        """
        document = self.listening_first()
        document["access_log"] = {"format": "combined", "path": "missing/access.log"}
        self.assert_refused(self.start(document), "access_log.path", "no directory")

    def test_all_errors_at_once(self) -> None:
        """
        Ten errors take ten lines, each with its place, in their order; nothing is bound.
        """
        refusal = self.start(TEN_ERRORS)
        self.assertEqual(refusal.status, 1)
        places = [line.split(":", 3) for line in refusal.errors]
        self.assertEqual({place[0] for place in places}, {"revproxy.yaml"})
        lines = [int(place[1]) for place in places]
        self.assertEqual(lines, sorted(lines))
        self.assertGreaterEqual(len(lines), 10, refusal.errors)
        self.assertEqual(set(lines), {2, 3, 6, 7, 8, 9, 11, 12, 13})
        self.assertFalse(self.directory.joinpath("bound.sock").exists())

    def test_quick_form(self) -> None:
        """
        The quick form's mistakes are told in the same way.
        """
        self.assert_refused(self.twistd("--from", "tcp:0", "--to", "what"), "--to: ", "'what'")
