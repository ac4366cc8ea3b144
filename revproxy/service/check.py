"""
A configuration file read with all that is wrong with it, its certificates and its database
of countries included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path as FilePath

from revproxy.config.certificates import certificate_files
from revproxy.config.complaints import Complaint
from revproxy.config.configuration import Configuration
from revproxy.config.context import Context
from revproxy.config.countries import country_file
from revproxy.config.listeners import CertificateSettings
from revproxy.config.load import load_configuration
from revproxy.config.positions import Path
from revproxy.edge.tls.certificates import load_pair
from revproxy.edge.tls.pem import read_certificates, read_private_key
from revproxy.errors import CertificateError, CountriesUnreadable
from revproxy.flow.caching.countries import open_countries
from revproxy.registry import Registry


def checked_configuration(path: FilePath, registry: Registry, now: datetime | None = None) -> Configuration:
    """
    Read a file, and the certificates and the countries that it names.

    @param path: named in messages as it is given.
    @param now: the time to check certificates with, aware of its zone; the present
        one where it is left out.
    @raise ConfigurationError: with everything that is wrong, in the order of the lines.
    """
    moment = now or datetime.now(UTC)
    return load_configuration(path, registry, [lambda data, context: _complaints(data, context, moment)])


def _complaints(data: object, context: Context, now: datetime) -> Iterator[Complaint]:
    files = certificate_files(data, context)
    for path, pair in files.pairs.items():
        yield from _pair_complaints(path, pair, now)
    for path, file in files.authorities.items():
        yield from _failures(path, partial(read_certificates, file))
    countries = country_file(data, context)
    if countries is not None:
        yield from _failures(("geoip",), partial(open_countries, countries))


def _pair_complaints(path: Path, pair: CertificateSettings, now: datetime) -> Iterator[Complaint]:
    """
    Look at each file by itself, so that both are told of; then whether they fit.
    """
    alone = [
        *_failures((*path, "certificate"), lambda: read_certificates(pair.certificate)),
        *_failures((*path, "key"), lambda: read_private_key(pair.key)),
    ]
    yield from alone
    if alone:
        return
    try:
        load_pair(pair.certificate, pair.key, now)
    except CertificateError as error:
        key = "certificate" if error.path == pair.certificate else "key"
        yield Complaint((*path, key), str(error))


def _failures(path: Path, read: Callable[[], object]) -> list[Complaint]:
    try:
        read()
    except (CertificateError, CountriesUnreadable) as error:
        return [Complaint(path, str(error))]
    return []
