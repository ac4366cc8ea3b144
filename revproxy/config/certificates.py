"""
Where a file names certificates, whether or not all else in it is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from revproxy.config.context import Context
from revproxy.config.listeners import CertificateSettings
from revproxy.config.parts import list_of, mapping_of
from revproxy.config.positions import Path
from revproxy.config.values import ReadableFile

_FILE: TypeAdapter[FilePath] = TypeAdapter(ReadableFile)


class CertificateFiles(NamedTuple):
    """
    What can be read; of what cannot, the settings complain themselves.

    @ivar pairs: certificates with their keys, by the mapping that names both.
    @ivar authorities: files of those who sign, by the key that names each.
    """

    pairs: Mapping[Path, CertificateSettings]
    authorities: Mapping[Path, FilePath]


def certificate_files(data: object, context: Context) -> CertificateFiles:
    """
    @param data: what the file says; anything at all.
    """
    return CertificateFiles(
        {path: pair for path, said in _pairs(data) if (pair := _pair(said, context)) is not None},
        {path: file for path, said in _authorities(data) if (file := _file(said, context)) is not None},
    )


def _pairs(data: object) -> Iterator[tuple[Path, object]]:
    for path, tls in _tls(data, "listeners"):
        for index, said in enumerate(list_of(tls.get("certificates"))):
            yield (*path, "certificates", index), said
    for path, tls in _tls(data, "upstreams"):
        yield (*path, "client_certificate"), tls.get("client_certificate")


def _authorities(data: object) -> Iterator[tuple[Path, object]]:
    for path, tls in _tls(data, "listeners"):
        yield (*path, "client_certificates", "ca"), mapping_of(tls.get("client_certificates")).get("ca")
    for path, tls in _tls(data, "upstreams"):
        yield (*path, "ca"), tls.get("ca")


def _tls(data: object, section: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for name, part in mapping_of(mapping_of(data).get(section)).items():
        yield (section, name, "tls"), mapping_of(mapping_of(part).get("tls"))


def _pair(said: object, context: Context) -> CertificateSettings | None:
    try:
        return CertificateSettings.model_validate(said, context=context)
    except ValidationError:
        return None


def _file(said: object, context: Context) -> FilePath | None:
    try:
        return _FILE.validate_python(said, context=context)
    except ValidationError:
        return None
