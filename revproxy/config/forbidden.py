"""
Servers that are written with an address at which no server may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pydantic import TypeAdapter, ValidationError

from revproxy.config.complaints import Complaint
from revproxy.config.server_url import ServerAddress, ServerURL, is_address
from revproxy.wire.forbidden import ForbiddenNetworks

LOOPBACK = ("127.0.0.1", "::1")
"""
Where C{localhost} is.
"""

_URL: TypeAdapter[ServerURL] = TypeAdapter(ServerAddress)


def forbidden_servers(servers: Iterable[object], forbidden: ForbiddenNetworks) -> Iterator[Complaint]:
    """
    @param servers: as the file has them; of what cannot be read the settings complain.
    @return: the paths begin with the place in the list.
    """
    for index, server in enumerate(servers):
        path = (index, "url") if isinstance(server, dict) else (index,)
        url = written_url(server)
        reason = None if url is None else refusal_of(url, forbidden)
        if reason is not None:
            yield Complaint(path, reason)


def refusal_of(url: ServerURL, forbidden: ForbiddenNetworks) -> str | None:
    """
    @return: why the server may not be where its URL says; C{None} where it may, or where
        that has to be found out.
    """
    if url.socket is not None or url.service:
        return None
    addresses = LOOPBACK if url.local else (url.host,) if is_address(url.host) else ()
    refusals = [address_refusal(address, forbidden) for address in addresses]
    return refusals[0] if refusals and all(refusals) else None


def address_refusal(address: str, forbidden: ForbiddenNetworks) -> str | None:
    """
    @return: why no server may be at an address; C{None} where one may.
    """
    network = forbidden.network_of(address)
    return None if network is None else f"{address} is forbidden: it is in {network}"


def written_url(server: object) -> ServerURL | None:
    """
    @param server: a server as the file has it; anything at all.
    """
    url = server.get("url") if isinstance(server, Mapping) else server
    try:
        return _URL.validate_python(url)
    except ValidationError:
        return None
