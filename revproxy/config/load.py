"""
From a file to its L{Configuration}, or to everything that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from revproxy.config.check import check_parts
from revproxy.config.complaints import Complaint, complaints_of, problems_of
from revproxy.config.configuration import Configuration
from revproxy.config.context import Context
from revproxy.config.document import Document, read_document
from revproxy.config.parts import readable_parts
from revproxy.config.positions import BEGINNING, Fault
from revproxy.config.server_file import server_file_problems
from revproxy.config.text import read_text
from revproxy.errors import ConfigurationError
from revproxy.registry import Registry

Judge: TypeAlias = Callable[[object, Context], Iterable[Complaint]]
"""
Finds more that is wrong with what a file says, which may be anything at all.
"""


def load_configuration(path: Path, registry: Registry, judges: Sequence[Judge] = ()) -> Configuration:
    """
    Read a file, and those of servers that it names.

    @param path: named in messages as it is given.
    @param judges: what they find is told with all else, in the order of the lines.
    @raise ConfigurationError: with everything that is wrong with the files.
    """
    document = read_document(read_text(path))
    return _validated(str(path), document, Context(registry, path.absolute().parent), judges)


def configuration_from(
    data: Mapping[str, Any], registry: Registry, directory: Path, name: str = "configuration"
) -> Configuration:
    """
    Make a configuration of what a file would say.

    @param data: as it would be read from a file: text, numbers, lists, mappings.
    @param directory: what paths are relative to.
    @param name: stands for the file in messages.
    @raise ConfigurationError: with everything that is wrong.
    """
    return _validated(name, Document(data, {}, []), Context(registry, directory))


def _validated(
    file: str, document: Document, context: Context, judges: Sequence[Judge] = ()
) -> Configuration:
    """
    @raise ConfigurationError: with all that is wrong.
    """
    faults = list(document.faults)
    configuration = None
    if document.value is None and not faults:
        faults.append(Fault(BEGINNING, (), "is empty: there must be listeners and routes"))
    elif document.value is not None:
        configuration, complaints = _judged(document.value, context, judges)
        faults += [Fault(document.position(path), path, message) for path, message in complaints]
    problems = list(
        dict.fromkeys([*problems_of(file, faults), *server_file_problems(document.value, context)])
    )
    if configuration is None or problems:
        raise ConfigurationError(problems)
    return configuration


def _judged(
    data: object, context: Context, judges: Sequence[Judge]
) -> tuple[Configuration | None, list[Complaint]]:
    """
    @return: the configuration, if the data can be one, and all that is wrong with it.
    """
    complaints = check_parts(readable_parts(data))
    complaints += [complaint for judge in judges for complaint in judge(data, context)]
    try:
        return Configuration.model_validate(data, context=context), complaints
    except ValidationError as error:
        return None, [*complaints_of(error), *complaints]
