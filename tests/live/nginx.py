"""
nginx as an origin.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.live.installed import installed
from tests.live.programs import Program, eventually, free_port, listening, new_directory

# Whose workers may write where the test may; for others than root "user" says nothing.
_FILE = """\
daemon off;
user root;
pid {directory}/nginx.pid;
error_log stderr error;
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
    log_format origin '$connection $status $request';
    access_log {directory}/access.log origin;
    client_body_temp_path {directory}/client;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    keepalive_requests 1000000;
    client_max_body_size 0;
    server {{
        listen 127.0.0.1:{port} {ssl} backlog=4096;
        root {directory}/www;
        {server}
    }}
}}
"""


class Nginx:
    """
    nginx with one server.

    @ivar port: where it listens.
    @ivar root: the files that it serves.
    @ivar url: without a slash at the end.
    """

    def __init__(self, test: SynchronousTestCase, server: str = "", secure: bool = False) -> None:
        """
        @param server: what its C{server} block says besides.
        @param secure: whether it speaks TLS.
        """
        self._test = test
        self._directory = new_directory(test)
        self.port = free_port()
        self.url = f"{'https' if secure else 'http'}://127.0.0.1:{self.port}"
        self.root = self._directory / "www"
        self.root.mkdir()
        self._file = self._directory / "nginx.conf"
        self._file.write_text(
            _FILE.format(
                directory=self._directory, port=self.port, server=server, ssl="ssl" if secure else ""
            )
        )
        self.start()

    def start(self) -> None:
        """
        Start it, and wait until it listens.
        """
        command: list[str | Path] = [
            installed("nginx"),
            "-p",
            self._directory,
            "-c",
            self._file,
            "-e",
            "stderr",
        ]
        self.program = Program(self._test, command, self._directory)
        eventually(lambda: listening(self.port, self.program), "nginx")

    def connections(self) -> list[str]:
        """
        For each request that was answered, the number of its connection.
        """
        lines = self._directory.joinpath("access.log").read_text().splitlines()
        return [line.split()[0] for line in lines]
