"""
The origin: an nginx that serves one file of each size.
"""

from pathlib import Path

from bench.process import ServerFailed, ServerProcess, find_program, free_port
from bench.rows import BODIES

_CONFIGURATION = """\
user root;
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    open_file_cache max=16 inactive=1h;
    open_file_cache_valid 1h;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {directory}/files;
        default_type application/octet-stream;
    }}
}}
"""


def start_origin(directory: Path, core: int) -> tuple[ServerProcess, int]:
    """
    Start it.

    @param directory: an existing directory of its own.
    @return: the process, and the port of 127.0.0.1 on which it listens.
    @raise ServerFailed: if nginx is not installed or does not start.
    """
    program = find_program("nginx")
    if program is None:
        raise ServerFailed("nginx, which serves as the origin, is not installed")
    _write_files(directory / "files")
    port = free_port()
    configuration = directory / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(directory=directory, port=port))
    argv = [program, "-e", str(directory / "error.log"), "-p", str(directory), "-c", str(configuration)]
    process = ServerProcess(argv, core, directory)
    try:
        process.wait_for([port])
    except BaseException:  # an interruption too must leave nothing behind
        process.stop()
        raise
    return process, port


def _write_files(directory: Path) -> None:
    directory.mkdir()
    for path, size in BODIES.items():
        directory.joinpath(path.lstrip("/")).write_bytes(
            bytes(index % 251 for index in range(1024)) * (size // 1024)
        )
