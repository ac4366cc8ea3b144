"""
What the validation of a file needs to know beside the file's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationInfo

if TYPE_CHECKING:
    from revproxy.registry import Registry


@dataclass(frozen=True)
class Context:
    """
    Goes along as pydantic's validation context.

    @ivar directory: what paths are relative to.
    """

    registry: Registry
    directory: Path


def directory_of(info: ValidationInfo) -> Path:
    """
    @return: what paths are relative to: the working directory for settings that no
        file is behind.
    """
    return info.context.directory if isinstance(info.context, Context) else Path.cwd()
