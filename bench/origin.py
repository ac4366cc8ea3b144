"""
The origin: an nginx that serves one file of each size.
"""

from collections.abc import Sequence
from pathlib import Path

from bench.process import ServerFailed, ServerProcess, find_program, free_port
from bench.request import BODIES, CACHEABLE, MARK, POST

_CONFIGURATION = """\
user root;
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 16384; }}
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
    upstream itself {{
        server 127.0.0.1:{port};
        keepalive 64;
    }}
    server {{
{listening}
        root {directory}/files;
        default_type application/octet-stream;
        location /route- {{
            rewrite ^/route-[0-9]+/[0-9]+(/.*)$ $1 break;
        }}
        location {cacheable}/ {{
            rewrite ^.*(/[^/]*)$ $1 break;
            add_header Cache-Control max-age=86400;
            add_header {mark} $request_id;
        }}
        location = /{post} {{
            client_max_body_size 0;
            client_body_buffer_size 4m;
            proxy_http_version 1.1;
            proxy_method GET;
            proxy_pass_request_body off;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
            proxy_pass http://itself/1k;
        }}
    }}
}}
"""


def start_origin(directory: Path, core: int, addresses: Sequence[str]) -> tuple[ServerProcess, int]:
    """
    Start it.

    @param directory: an existing directory of its own.
    @param addresses: where it listens besides 127.0.0.1, all of the loopback network.
    @return: the process, and the port on which it listens at each address.
    @raise ServerFailed: if nginx is not installed or does not start.
    """
    program = find_program("nginx")
    if program is None:
        raise ServerFailed("nginx, which serves as the origin, is not installed")
    _write_files(directory / "files")
    port = free_port()
    configuration = directory / "nginx.conf"
    configuration.write_text(_written(directory, port, addresses))
    argv = [program, "-e", str(directory / "error.log"), "-p", str(directory), "-c", str(configuration)]
    process = ServerProcess(argv, core, directory)
    process.wait_for([port])
    return process, port


def _written(directory: Path, port: int, addresses: Sequence[str]) -> str:
    everywhere = ["127.0.0.1", *addresses]
    listening = "\n".join(f"        listen {address}:{port} backlog=4096;" for address in everywhere)
    return _CONFIGURATION.format(
        directory=directory, port=port, listening=listening, post=POST, cacheable=CACHEABLE, mark=MARK
    )


def _write_files(directory: Path) -> None:
    directory.mkdir()
    for name, size in BODIES.items():
        directory.joinpath(name).write_bytes(bytes(index % 251 for index in range(1024)) * (size // 1024))
