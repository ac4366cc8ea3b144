"""
Files that hold a secret, such as C{openssl rand -hex 32} writes them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, TypeAlias

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from revproxy.config.values import parse_path

LEAST_OCTETS: Final = 32


def read_secret(path: Path) -> bytes:
    """
    @return: what the file holds, without white space around it.
    @raise ValueError: it cannot be read, or is too short for a secret.
    """
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from error
    if len(secret) < LEAST_OCTETS:
        raise ValueError(f"{path} holds {len(secret)} octets; a secret has at least {LEAST_OCTETS}")
    return secret


def parse_secret_file(value: object, info: ValidationInfo) -> Path:
    """
    @return: the absolute path of the file.
    @raise ValueError: there is no secret in it.
    """
    path = parse_path(value, info)
    read_secret(path)
    return path


SecretFile: TypeAlias = Annotated[Path, PlainValidator(parse_secret_file), WithJsonSchema({"type": "string"})]
