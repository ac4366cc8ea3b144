"""
Files of servers that the main file names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from revproxy.config.complaints import Complaint, complaints_of, problems_of
from revproxy.config.context import Context
from revproxy.config.document import read_document
from revproxy.config.forbidden import forbidden_servers
from revproxy.config.messages import described
from revproxy.config.parts import forbidden_networks, list_of, mapping_of
from revproxy.config.positions import BEGINNING, Fault
from revproxy.config.servers import SERVER_LIST, ServerSettings, refuse_repeated
from revproxy.config.text import read_text
from revproxy.config.values import ReadableFile
from revproxy.errors import ConfigurationError, Problem
from revproxy.registry import Registry
from revproxy.wire.forbidden import ForbiddenNetworks

_FILE: TypeAdapter[FilePath] = TypeAdapter(ReadableFile)


def read_servers(path: FilePath, registry: Registry, forbidden: ForbiddenNetworks) -> list[ServerSettings]:
    """
    Read a file of servers.  Paths in it are relative to it.

    @raise ConfigurationError: with everything that is wrong with it.
    """
    document = read_document(read_text(path))
    faults = list(document.faults)
    servers: list[ServerSettings] = []
    if document.value is None and not faults:
        faults.append(Fault(BEGINNING, (), "is empty: write [] where there are no servers"))
    elif document.value is not None:
        servers, complaints = _judged(document.value, Context(registry, path.parent), forbidden)
        faults += [Fault(document.position(place), place, message) for place, message in complaints]
    if faults:
        raise ConfigurationError(problems_of(str(path), faults))
    return servers


def _judged(
    data: object, context: Context, forbidden: ForbiddenNetworks
) -> tuple[list[ServerSettings], list[Complaint]]:
    """
    @return: the servers, where the data can be some, and all that is wrong with it.
    """
    if not isinstance(data, list):
        return [], [Complaint((), f"must be a list, not {described(data)}")]
    complaints = list(forbidden_servers(data, forbidden))
    try:
        servers = SERVER_LIST.validate_python(data, context=context)
        refuse_repeated(servers)
    except ValidationError as error:
        return [], [*complaints, *complaints_of(error)]
    except ValueError as error:
        return [], [*complaints, Complaint((), str(error))]
    return servers, complaints


def server_file_problems(data: object, context: Context) -> Iterator[Problem]:
    """
    Look into all files of servers that the main file names.

    @param data: what that says; anything at all.
    """
    for upstream in mapping_of(mapping_of(data).get("upstreams")).values():
        forbidden = forbidden_networks(mapping_of(upstream))
        for entry in list_of(mapping_of(upstream).get("servers")):
            path = _path(mapping_of(entry).get("file"), context)
            if path is not None:
                yield from _problems(path, context, forbidden)


def _problems(path: FilePath, context: Context, forbidden: ForbiddenNetworks) -> tuple[Problem, ...]:
    try:
        read_servers(path, context.registry, forbidden)
    except ConfigurationError as error:
        return error.problems
    return ()


def _path(said: Any, context: Context) -> FilePath | None:
    """
    @return: C{None} where there is no file that can be read; then the settings complain.
    """
    try:
        return _FILE.validate_python(said, context=context)
    except ValidationError:
        return None
